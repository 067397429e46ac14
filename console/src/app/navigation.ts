// The parts of the console and who sees them: only what the person's role may do.
import { may, type Session } from "@/api/session";
import { texts } from "@/texts";
import { scopesFor } from "./pages";

export interface Place {
  to: string;
  text: string;
}

const words = texts.navigation;
const CLIENT: Place[] = [
  { to: "/overview", text: words.overview },
  { to: "/users", text: words.users },
  { to: "/roles", text: words.roles },
  { to: "/keys", text: words.keys },
  { to: "/limits", text: words.limits },
  { to: "/audit", text: words.audit },
  { to: "/storage", text: words.storage },
  { to: "/isolation", text: words.isolation },
  { to: "/settings", text: words.settings },
];
const PLATFORM: Place[] = [
  { to: "/clients", text: words.clients },
  { to: "/statistics", text: words.statistics },
  { to: "/tiers", text: words.tiers },
  { to: "/outbox", text: words.outbox },
];
const OWN: Place[] = [{ to: "/account", text: words.account }];

/** Return the groups of places that a person sees, in order. */
export function placesOf(session: Session): { name: string; places: Place[] }[] {
  const allowed = CLIENT.filter(({ to }) => mayOpen(session, to));
  return [
    ...(session.is_operator ? [{ name: words.platform, places: PLATFORM }] : []),
    { name: session.is_operator ? session.client.client_name : words.client, places: allowed },
    { name: words.you, places: OWN },
  ];
}

/** The place where a person lands after the login. */
export function firstOf(session: Session): Place {
  return placesOf(session).flatMap((group) => group.places)[0] ?? { to: "/account", text: words.account };
}

/** Whether the person's role may do what the page at an address is for. */
export function mayOpen(session: Session, path: string): boolean {
  return scopesFor(path).every((scope) => may(session, scope));
}
