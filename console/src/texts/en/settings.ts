// The settings of one's own client.
import { counted } from "../plural";
import { fields } from "./settingFields";
import { mails } from "./settingMails";

export const settings = {
  title: "Settings",
  lead: "What your client decides for itself: each value that is in force now, and where it comes from.",
  groupsOnPage: "Groups of settings",
  change: "Change",
  changeGroup: (group: string) => `Change: ${group}`,
  save: (changes: number) => (changes === 0 ? "Save" : `Save ${counted(changes, "change", "changes")}`),
  saved: (count: number) => `${counted(count, "setting", "settings")} saved.`,
  notSaved: "Nothing was saved yet.",
  changed: "Changed",
  none: "None",
  unknownName: "Not given",
  origin: {
    client: "Your own",
    platform: "Operator’s",
    default: "Default",
  },
  originMeans: {
    client: "Set by your client.",
    platform: "Set by whoever runs this service, for all clients that have no value of their own.",
    default: "Built in: nobody has set another value.",
  },
  originsTitle: "Where a value comes from",
  backToDefault: "Use the default",
  backToDefaultFor: (label: string) => `Use the default: ${label}`,
  keepOwn: "Keep my own value",
  keepOwnFor: (label: string) => `Keep my own value: ${label}`,
  goesToDefault: "Your own value is taken back when you save; then the default of this service holds.",
  binds: "When a change takes effect:",
  perLine: "One on each line.",
  unitOf: (label: string) => `Unit: ${label}`,
  units: { seconds: "seconds", minutes: "minutes", hours: "hours", days: "days" },
  characters: (count: number) => counted(count, "character", "characters"),
  words: (count: number) => counted(count, "word", "words"),
  showWords: "Show the words",
  clientId: "Client id",
  clientIdExplains: "What API calls name your client by. It never changes.",
  issuer: "Issuer (iss)",
  issuerExplains:
    "It stands in every access token of your users as iss, and the client id as aud. Your servers check both.",
  jwks: "Public keys (JWKS)",
  jwksExplains: "Your servers check the signature of access tokens (ES256) with these, without asking for each.",
  ownFactor: {
    title: "You have no second factor of your own",
    explains:
      "Once this is saved you must log in again, and the login sets one up with you. Have the device for it at hand.",
  },
  fixed: {
    slug: "The platform’s own client keeps its short name.",
    signup: "Nobody signs up as an operator: the command “.venv/bin/flask operators create” makes them.",
    mfa_policy: "Only an operator changes how operators prove who they are.",
  },

  groups: {
    names: { title: "Names and contact", lead: "How your client is called and whom to write to." },
    signup: {
      title: "Sign-up and e-mail addresses",
      lead: "Who may make an account, and whether addresses are proved.",
    },
    passwords: { title: "Passwords", lead: "What a new password must be. Passwords that are already set stay good." },
    sessions: { title: "Sessions and tokens", lead: "How long people stay logged in." },
    factors: { title: "Second factors and passkeys", lead: "What people prove themselves with beside a password." },
    pages: { title: "Pages and origins", lead: "Which pages of yours work together with this service." },
    look: { title: "Sender and colour", lead: "How mails and the pages that links in mails lead to look." },
    mails: { title: "Mail texts", lead: "Your own words in place of the built-in ones, for each kind of mail." },
    fields: { title: "Custom fields", lead: "What you may store about a user beside the fields that everybody has." },
  },

  fields,
  mails,

  choices: {
    signup: {
      open: "Open: everybody, through your app",
      invitation: "Only people whom an admin has invited",
    },
    email_verification: {
      off: "Off: nothing is asked",
      optional: "Optional: a link is mailed, the login works without",
      required: "Required: no login before the link was followed",
    },
    mfa_policy: {
      off: "Off: nobody can set one up",
      optional: "Optional: whoever wants one",
      required_for_admins: "Required for admins",
      required: "Required for everybody",
    },
  },

  colour: {
    pick: "Pick a colour",
    preview: "Preview",
    button: "Confirm this address",
    noneChosen: (colour: string) => `None chosen: the service’s own ${colour} is used.`,
    textWhite: "Text on it is white",
    textBlack: "Text on it is black",
    ratio: (ratio: string) => `contrast ${ratio} to 1`,
    onText: (text: string, ratio: string) => `${text}: contrast ${ratio} to 1.`,
    againstLight: "Against a light page",
    againstDark: "Against a dark page",
    clear: "Stands out",
    weak: "Hard to see",
    explains:
      "The service writes on your colour in white or black, whichever is easier to read, so words are always readable.",
    wrong: "Write # and six digits, 0 to 9 and a to f.",
  },

  schema: {
    example: "Begin with an example",
    notJson: (said: string) => `This is not JSON: ${said}`,
    notObject: "A schema is a JSON object: it begins with { and ends with }.",
    named: (count: number) => counted(count, "field", "fields"),
    show: "Show the schema",
    rulesTitle: "What a schema may hold",
    rules: [
      "$ref leads to #/$defs/name, never in a circle; $schema stands at the top only.",
      "format is checked for date, email, ipv4, ipv6 and uuid.",
      "A pattern is simple: ^, then characters, \\d, \\w, \\s or classes such as [A-Z], each with ?, *, + or {2,5}, then $. What follows a repeated piece is none of its characters, as in ^[A-Z]{2}-\\d{4,6}$.",
      "Not taken: groups and choices in a pattern (use enum or anyOf), patternProperties, unevaluatedProperties and unevaluatedItems.",
    ],
  },
};
