// Words that stand in many places.
import { counted } from "../plural";

export const common = {
  product: "Rowlock",
  pageTitle: (title: string) => `${title} · Rowlock`,
  loading: "Loading …",
  noConnection: "The service did not answer. Check your connection and try again.",
  somethingWrong: "Something went wrong on our side.",
  sessionChanged: "Nothing was sent: the session of this browser has been ended or changed in another tab.",
  anotherPerson: {
    title: "Somebody else has logged in",
    lead: (email: string, client: string) =>
      `Another tab of this browser logged in as ${email} at ${client}. All tabs share one login.`,
    lost: (email: string) => `This tab belonged to ${email}. What was not saved in it is gone, and was not sent.`,
    back: (email: string) => `To work as ${email} again, log out and log in.`,
    goOn: (email: string) => `Go on as ${email}`,
  },
  requestId: (id: string) => `If it happens again, tell your operator this request id: ${id}`,
  tryAgainIn: (seconds: number) => `Try again in ${spanOf(seconds)}.`,
  triesAgainIn: (seconds: number) => `The page tries again by itself in ${spanOf(seconds)}.`,
  tryingAgain: "The page tries again now …",
  tryAgainNow: "You can try again now.",
  retry: "Try again",
  notUpdated: "These figures could not be brought up to date",
  notUpdatedSince: (moment: string) => `Not updated since ${moment}`,
  more: "Show more",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  saved: "Saved.",
  show: "Show",
  hide: "Hide",
  copy: "Copy",
  copied: "Copied",
  notCopied: "Your browser did not let the page copy this. Select the text and copy it yourself.",
  downloading: "Download",
  bytesSoFar: (bytes: string) => `${bytes} so far`,
  bytesOf: (received: string, total: string) => `${received} of ${total}`,
  stop: "Stop",
  optional: "(optional)",
  inLine: (line: number, said: string) => `Line ${line.toString()}: ${said}`,
  /** How long an old key goes on working. */
  grace: { none: "No longer: it ends at once", hour: "For one more hour", day: "For one more day" },
  jsonNumber: (path: string) =>
    `${path} is a number that a browser cannot hold exactly: saving would change it. Write it as text, in quotation marks, or save it by the API. The largest exact number is 9007199254740991.`,
  typeToConfirm: (word: string) => `Type ${word} to confirm`,
  shownOnce: "It is shown this once. Store it in a safe place before you leave this page.",
  showFigures: "Show the figures as a table",
  chartEmpty: "Nothing happened in this time.",
  usedOf: (used: string, limit: string) => `${used} of ${limit}`,
  time: "Time",
  discard: {
    title: "Discard what you typed?",
    explains: "It is not saved, and is lost when this closes.",
    leave: "Discard it",
    stay: "Go on typing",
  },
  leaveUnsaved: {
    title: "Leave without saving?",
    explains: "You have changes on this page that are not saved. They are lost when you leave.",
    leave: "Leave without saving",
    stay: "Stay on this page",
  },
  leaveSecret: {
    title: "Leave without the secret?",
    explains: "It is shown this once, and you have not copied it. When you leave, it is gone for good.",
    leave: "Leave without it",
    stay: "Stay on this page",
  },
  keptOpen:
    "Your session has ended. This page stays open until you have copied this or say that it is stored; then log in again.",
  runOnServer:
    "Run it in the folder of Rowlock. It needs the settings of the service, from its .env file or from the environment.",
  runAnywhere: "Run it in the folder of Rowlock. It needs neither settings nor a database.",
  searchKey: "Press / to search",
  noFilters: "Clear the filters",
  idNotWhole: "Not a whole id",
  all: "All",
  never: "Never",
  yes: "Yes",
  no: "No",
  skip: "Skip to the content",
  notFoundTitle: "There is no such page",
  notFound: "The address may be mistyped, or the page may have moved.",
  home: "Go to the start",
  notAllowed: {
    title: "Your role does not allow this page",
    lead: (role: string, client: string) => `Your role is “${role}”. If you need this page, ask an admin of ${client}.`,
    goTo: (place: string) => `Go to: ${place}`,
  },
  notAllowedHere: "Your role does not allow you to see this",
  unopened: "The console could not be opened",
  brokenTitle: "This page does not work",
  broken: "Something in the console went wrong. Your data is safe; load the page again.",
  reload: "Load the page again",
  theme: "Colours",
  themeSystem: "As the system",
  themeLight: "Light",
  themeDark: "Dark",
};

function spanOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return counted(Math.ceil(seconds / 3600), "hour", "hours");
  const rest = seconds % 60;
  if (minutes === 0) return counted(seconds, "second", "seconds");
  return `${counted(minutes, "minute", "minutes")}${rest > 0 ? ` ${counted(rest, "second", "seconds")}` : ""}`;
}
