// The mail queue, for operators.
import { counted } from "../plural";

export const mail = {
  title: "Mail queue",
  lead: "The mails of all clients: what waits, what was given up, and why. Recipients and texts are never shown.",
  live: "Refreshed every 10 seconds.",
  folder:
    "MAIL_URL is not set: mails do not leave, but become files in the folder outbox of the service. “Sent” means written there.",
  paused: "Not refreshed while more than the first page is shown.",
  counts: {
    waiting: "Waiting",
    dead: "Given up",
    sent: "Sent",
    discarded: "Discarded",
  },
  countNotes: {
    waiting: "Sent at once, or tried again later",
    dead: "Nothing more happens without you",
    sent: "In the last seven days",
    discarded: "Never to be sent, soon deleted",
  },
  filters: "Filters of the mail queue",
  status: "Status",
  kind: "Kind",
  client: "Client id",
  anyStatus: "Any status",
  anyKind: "Any kind",
  caption: "Mails, newest first",
  mail: "Mail",
  attempts: "Attempts",
  lastError: "Last error",
  made: "Created",
  next: "Next attempt",
  action: "Retry",
  retry: "Retry",
  retryMail: (kind: string, client: string) => `Retry: ${kind}, client …${client}`,
  retried: "The mail is sent now, with all attempts before it.",
  ofClient: (end: string) => `Client …${end}`,
  statuses: {
    waiting: "Waiting",
    failing: "Waiting, has failed",
    sent: "Sent",
    dead: "Given up",
    discarded: "Discarded",
  },
  due: "Due",
  emptyTitle: "All mails are out",
  empty: "No mail waits and none was given up. What is sent stays here for seven days.",
  newTitle: "No mail has been written yet",
  newText: "Mails appear here as soon as somebody signs up, forgets a password or is invited.",
  noneTitle: "No mail matches these filters",
  overdueTitle: "Mails wait, and nobody sends them",
  overdue:
    "The oldest should have left more than ten minutes ago. With MAIL_WORKER=process only flask worker sends mails: check that it runs. Else look into the service’s log.",
  deadTitle: (count: number) => `${counted(count, "mail was", "mails were")} given up`,
  deadText:
    "A mail is given up after nine attempts in about three days, or at once where the mail server refuses it for good. Mend the cause, then retry; people who still wait can also ask for a new mail.",
  showDead: "Show them",
  /** What to do about an error, by how it begins; the first that fits. */
  advice: [
    ["connection: SMTPAuthenticationError", "The mail server takes neither name nor password: check both in MAIL_URL."],
    [
      "connection: SSL",
      "The connection could not be encrypted: check host, port and starttls in MAIL_URL, and the server’s certificate.",
    ],
    ["connection: gaierror", "The host in MAIL_URL has no address: check how it is written, and the name server."],
    [
      "connection: ConnectionRefused",
      "Nobody answers there: check host and port in MAIL_URL, and whether the mail server runs.",
    ],
    ["connection: Timeout", "The mail server does not answer: check host and port in MAIL_URL, and the firewall."],
    ["connection:", "The mail server could not be reached: check MAIL_URL."],
    [
      "recipient refused: 5",
      "The mail server says that it will not take mail for this address; mostly it does not exist. A retry seldom helps.",
    ],
    ["recipient refused: 4", "The mail server cannot take mail for this address now. It is tried again by itself."],
    [
      "sender refused",
      "The mail server does not let MAIL_FROM send: choose an address that it knows, or log in by MAIL_URL.",
    ],
    [
      "text refused",
      "The mail server refused the text, as spam or for its size: look into its log, and at the client’s mail texts.",
    ],
    ["server:", "The connection broke while the mail was sent. It is tried again by itself."],
    [
      "file:",
      "Without MAIL_URL mails become files, and this one could not be written: check the rights of instance/outbox and the room on the disk.",
    ],
    ["not a mail", "An address or a text of this mail cannot be written as a mail. A retry does not help."],
    [
      "sealed under another SECRET_KEY",
      "It was written under another SECRET_KEY: put that one back, or let people ask for a new mail.",
    ],
    ["no attempt came to an end", "The service was stopped during each attempt: look into its log, then retry."],
    ["unexpected", "The service met an error of its own: look into its log."],
  ] as [start: string, advice: string][],
};
