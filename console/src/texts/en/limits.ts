// Rate limits: how a client stands against its windows.
import { counted } from "../plural";

/** What each limit is called wherever it stands. */
export const limitNames = {
  requests_per_minute: "Calls per minute",
  requests_per_hour: "Calls per hour",
  requests_per_day: "Calls per day",
  user_requests_per_minute: "Calls per minute, each user",
  user_requests_per_hour: "Calls per hour, each user",
  verify_requests_per_minute: "Key checks per minute",
};

export const limits = {
  title: "Rate limits",
  lead: "How many calls your client may make, how many are left now, and what was refused. Refreshed every 10 seconds.",

  // The gauges.
  now: "Used now",
  nowLead:
    "A window slides: it holds the calls of the last minute, hour or day. Calls with the access key and with secret keys count here.",
  names: limitNames as typeof limitNames & Record<string, string>,
  allLeft: "All of them are left.",
  left: (count: number) => `${counted(count, "call is", "calls are")} left.`,
  nextIn: (span: string) => `One more in ${span}.`,
  nextNow: "One more now.",
  noWindowsTitle: "Your client has no limit of its own",
  noWindows: "Nothing is counted for the client as a whole. Keys and users may have limits all the same.",

  // Where the limits come from.
  origins: "Where the limits come from",
  originsLead: "A limit set for your client stands over that of its tier.",
  originsName: "Each limit with its value and where it comes from",
  limit: "Limit",
  value: "At most",
  source: "From",
  sources: { tier: (tier: string) => `Tier ${tier}`, client: "Set for your client" },
  meaning: "What it counts",
  meanings: {
    requests_per_minute: "All calls with the access key and with the client’s secret keys.",
    requests_per_hour: "The same, in an hour.",
    requests_per_day: "The same, in a day.",
    user_requests_per_minute: "The calls of one user, in the console and with keys of the user’s own.",
    user_requests_per_hour: "The same, in an hour. One busy user takes nothing from others.",
    verify_requests_per_minute: "Checks of keys that your own services have received.",
  } as Record<string, string>,
  none: "No limit",

  // What was refused.
  refused: "Refused calls",
  refusedChart: "Calls refused per hour, the last 24 hours",
  refusals: "Refused",
  nothingRefused: "No call was refused in the last 24 hours.",
  refusedSum: (count: number) => `${counted(count, "call was", "calls were")} refused in the last 24 hours.`,

  // What to do.
  advice: "When the limits are too small",
  adviceWait:
    "A refused call (429) says in the header Retry-After how many seconds to wait. Wait for as long, then send it again.",
  adviceFewer:
    "Make fewer calls: keep answers that seldom change, and check access tokens with the client’s public keys instead of asking for each.",
  adviceKeys: "See which key makes the calls, and give it limits of its own.",
  adviceKeysLink: "To the API keys",
  adviceAsk: "Ask whoever runs this service for another tier, or for limits of your own.",
};
