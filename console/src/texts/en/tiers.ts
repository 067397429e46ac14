// Tiers, for operators.
import { counted } from "../plural";
import { limitNames } from "./limits";

export const tiers = {
  title: "Tiers",
  lead: "How many calls each client may make, by its tier. A client’s page can give it limits of its own over those of its tier.",
  caption: "Tiers and their limits",
  name: "Tier",
  clients: "Clients",
  clientsWith: (count: number, tier: string) =>
    `${count === 1 ? "client" : "clients"} with the tier ${tier}: show them`,
  ofClient: "A client’s calls",
  ofUser: "Each user’s calls",
  ofVerify: "Key checks",
  windows: {
    requests_per_minute: "per minute",
    requests_per_hour: "per hour",
    requests_per_day: "per day",
    user_requests_per_minute: "per minute",
    user_requests_per_hour: "per hour",
    verify_requests_per_minute: "per minute",
  },
  setBy: "Set by",
  sources: {
    built_in: "Built in",
    setting: "Setting TIERS",
    operator: "An operator",
  },
  change: "Change",
  changeTier: (name: string) => `Change ${name}`,
  add: "New tier",
  addTitle: "New tier",
  addSend: "Create the tier",
  created: (name: string) => `The tier ${name} is there. Give it to a client on the client’s page.`,
  saved: (name: string) => `The limits of ${name} bind from the next call on.`,
  noLimit: "No limit",
  noLimitFor: (limit: string) => `No limit: ${limit}`,
  asClient: "A client’s own calls, by access key and API keys",
  asUser: "The calls of each user of a client, by token",
  asVerify: "Checks of API keys",
  nameHint: "Small letters, digits, - and _; up to 32. It cannot be renamed or deleted later.",
  taken: "There is a tier of this name already: change that one.",
  notSaved: "Nothing was saved.",
  limits: limitNames,
  hints: {
    requests_per_minute: "",
    requests_per_hour: "",
    requests_per_day: "",
    user_requests_per_minute: "The console’s own calls count here too.",
    user_requests_per_hour: "",
    verify_requests_per_minute: "Calls of POST /keys/verify, beside those above.",
  },
  affectsNone: "No client has this tier now, so nobody notices a change.",
  affects: (count: number) =>
    `${counted(count, "client has", "clients have")} this tier. A change binds their next call; limits that a client has of its own stay.`,
  lowers: (names: string) =>
    `Stricter than now: ${names}. Calls over a limit are refused with 429 at once, also for clients that are over it already.`,
  sourceLater: "A tier that an operator has set no longer follows the setting TIERS.",
};
