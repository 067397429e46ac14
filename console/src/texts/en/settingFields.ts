// The settings one by one: what each does, within which bounds, and when a change takes effect.
const narrower = "Whoever runs this service may have set narrower bounds.";

export const fields = {
  client_name: {
    label: "Name",
    does: "People read it in mails, on the login and on the pages that links in mails lead to.",
    bounds: "Up to 120 characters.",
    binds: "At once.",
  },
  slug: {
    label: "Short name",
    does: "People type it when they log in to this console.",
    bounds: "Lower-case letters, digits and dashes; up to 63. No two clients have the same.",
    binds: "At once: the old short name no longer works, so tell your admins.",
  },
  domain: {
    label: "Domain",
    does: "The internet domain of your organisation. It is information only; nothing is checked against it.",
    bounds: "A domain such as example.com.",
    binds: "At once.",
  },
  industry: {
    label: "Industry",
    does: "What your organisation does. Operators can search by it.",
    bounds: "Up to 80 characters.",
    binds: "At once.",
  },
  contact_email: {
    label: "Contact",
    does: "Whom the operators of this service write to about your client. Users never see it.",
    bounds: "One e-mail address.",
    binds: "At once.",
  },
  signup: {
    label: "Who may sign up",
    does: "Whether your app can make accounts for anybody, or only for people whom an admin has invited.",
    bounds: "Choose one of the two.",
    binds: "With the next sign-up.",
  },
  email_verification: {
    label: "Proof of e-mail addresses",
    does: "Whether people must follow a link that is mailed to them, to prove that an address is theirs.",
    bounds: "Choose one of the three.",
    binds: "From the next login on; nobody who is logged in is put out.",
  },
  password_min_length: {
    label: "Shortest password",
    does: "A new password must have at least so many characters. Length protects better than special characters.",
    bounds: `From 8 to 64 characters. ${narrower}`,
    binds: "With the next new password.",
  },
  password_blocklist: {
    label: "Words that are no password",
    does: "No password may consist of one of these words, such as the name of your company or product. Common passwords are refused without being named here.",
    bounds: "Up to 200 words, each up to 64 characters.",
    binds: "With the next new password.",
  },
  access_token_ttl: {
    label: "Life of an access token",
    does: "Your app gets a new access token by a refresh once this time is over. Short is safer, long means fewer calls.",
    bounds: `From 1 minute to 1 hour. ${narrower}`,
    binds: "At the next refresh; tokens that are out keep their end.",
  },
  session_idle_ttl: {
    label: "Longest pause",
    does: "A session ends when it is not refreshed for so long.",
    bounds: `From 5 minutes to 30 days, and not longer than the longest session. ${narrower}`,
    binds: "At the next refresh.",
  },
  session_absolute_ttl: {
    label: "Longest session",
    does: "So long after the login a session ends in any case, and one logs in again.",
    bounds: `From 5 minutes to 90 days. ${narrower}`,
    binds: "From the next login on; open sessions keep their end.",
  },
  mfa_policy: {
    label: "Who needs a second factor",
    does: "A second factor is an authenticator app or a passkey. Whoever has set one up is always asked for it.",
    bounds: "Choose one of the four.",
    binds:
      "At the next call: sessions that began without the factor now asked for stand still until it is given, yours included: then the next page that you open is the login, which sets one up with you.",
  },
  passkey_rp_id: {
    label: "Domain of passkeys",
    does: "Browsers bind each passkey to one domain. It must be the host of every page below, or the end of it.",
    bounds: "A domain such as example.com, or localhost.",
    binds: "At once: passkeys that were made for the old domain no longer work.",
  },
  passkey_origins: {
    label: "Pages that passkeys are used on",
    does: "The origins (https, host, port) of the pages on which your users set up and use passkeys.",
    bounds: "Up to 20 origins, https or http://localhost.",
    binds: "With the next passkey that is used.",
  },
  allowed_origins: {
    label: "Pages that may call with your users’ tokens",
    does: "Browsers let only pages of these origins read answers of this service (CORS). Servers and phone apps need no entry.",
    bounds: "Up to 20 origins such as https://app.example.com, without a path.",
    binds: "At the next call.",
  },
  redirect_urls: {
    label: "Pages that links in mails may lead to",
    does: "Pages of your own that take over from a mail, such as “choose a new password”. Without any, links lead to the pages of this service.",
    bounds:
      "Up to 20 exact addresses: https (or http on localhost), as browsers write them and without a # part: the code of the mail is added there.",
    binds: "With the next mail.",
  },
  sender_name: {
    label: "Sender of mails",
    does: "The name that mails come from. The address itself is the service’s.",
    bounds: "Up to 64 characters, in one line.",
    binds: "With the next mail.",
  },
  brand_color: {
    label: "Colour",
    does: "The colour of the head and the button in mails and on the pages of this service that your users see.",
    bounds: "A colour such as #1a6b4f.",
    binds: "With the next mail or page.",
  },
  custom_fields_schema: {
    label: "Schema of custom fields",
    does: "A JSON Schema (2020-12) that custom_fields of every user must keep to. Without one, any JSON object is taken.",
    bounds: "Up to 16 KiB; up to 300 schemas, 12 deep; it stands by itself.",
    binds: "With the next custom_fields that are sent; fields stored before stay until they are changed.",
  },
};
