// What mails say where a client has no words of its own. They belong to the service and not to the console's language;
// a test holds them equal to what the service sends.

export const MAIL_KINDS = [
  "email_verify",
  "password_reset",
  "email_change",
  "email_change_notice",
  "email_changed",
  "email_change_attempt",
  "invitation",
  "signup_attempt",
  "password_changed",
  "mfa_changed",
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

interface Words {
  subject: string;
  text: string;
  /** What the link is called; none: the mail has no link. */
  button?: string;
  closing?: string;
}

const once = "The link works once, and only the newest one does";
const notYou = "If you did not ask for this, you need not do anything.";
const contact = "If this was not you, reset your password now and tell {client_name}.";

export const BUILT_IN: Record<MailKind, Words> = {
  email_verify: {
    subject: "Confirm your e-mail address for {client_name}",
    text: "An account at {client_name} was made with {email}, by you or for you. Please confirm that this address is yours.",
    button: "Confirm this address",
    closing: `${once}, for 24 hours. If you know of no such account, do not follow the link: it would let somebody else in.`,
  },
  password_reset: {
    subject: "Choose a new password for {client_name}",
    text: "Somebody asked for a new password for your account {email} at {client_name}.",
    button: "Choose a new password",
    closing: `${once}, for 15 minutes. ${notYou} Your password stays as it is until you follow the link.`,
  },
  email_change: {
    subject: "Confirm your new e-mail address for {client_name}",
    text: "Please confirm that you want to use {email} for your account at {client_name} from now on.",
    button: "Use this address",
    closing: `${once}, for 24 hours. ${notYou}`,
  },
  email_change_notice: {
    subject: "Your e-mail address at {client_name} is to change",
    text: `Somebody logged in to your account at {client_name} asked to change its e-mail address, which is {email}. It changes once the new address is confirmed.\n\n${contact}`,
  },
  email_changed: {
    subject: "Your e-mail address at {client_name} was changed",
    text: "Your account at {client_name} has another e-mail address now; {email} no longer belongs to it. If this was not you, tell {client_name} at once.",
  },
  email_change_attempt: {
    subject: "Somebody wants to use your e-mail address at {client_name}",
    text: "Somebody, perhaps you, asked to use {email} for another account at {client_name}. There is an account with this address already, so nothing has changed.",
    closing: notYou,
  },
  invitation: {
    subject: "You are invited to {client_name}",
    text: "{client_name} has made an account for {email}. Choose a password to use it.",
    button: "Accept the invitation",
    closing: `${once}, for 7 days. If you do not know {client_name}, you need not do anything.`,
  },
  signup_attempt: {
    subject: "You already have an account at {client_name}",
    text: "Somebody, perhaps you, tried to sign up at {client_name} with {email}. There is an account with this address already, so nothing has changed: log in, or ask for a new password if you have forgotten yours.",
    closing: notYou,
  },
  password_changed: {
    subject: "Your password at {client_name} was changed",
    text: `The password of your account {email} at {client_name} was changed.\n\n${contact}`,
  },
  mfa_changed: {
    subject: "The second factors of your account at {client_name} were changed",
    text: `{change}: your account {email} at {client_name}, on {moment}.\n\n${contact}`,
  },
};
