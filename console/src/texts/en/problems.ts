// What to do about a refusal, by its stable code; the service itself says what was wrong, but for some.

/** What was wrong in the console's own words, where the service speaks to programs. How long to wait stands below it. */
export const headlines = {
  rate_limited: "Too many calls in a short time",
};

export const problems = {
  quota_exceeded: "The quota is spent.",
  account_locked: "After several failed tries each further one must wait.",
  insufficient_scope: "Your role does not allow this. Ask an admin of your client.",
  client_suspended: "Your client is suspended. Ask whoever runs this service.",
  temporarily_unavailable: "The service is busy or being maintained.",
  storage_full: "The service has no room left: its operator must make some.",
  last_admin: "Make somebody else an admin first.",
  not_found: "It may have been deleted meanwhile.",
  passkey_refused: "Try again, or choose another way.",
  reauth_required: "Nothing was done. Try again, and confirm that it is you.",
  email_not_verified: "Open the link in the mail that was sent to you, then log in again.",
  account_disabled: "Ask an admin of your client.",
  no_connection: "Nothing was lost: what you have typed is still here.",
};
