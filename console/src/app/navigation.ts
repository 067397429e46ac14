// The parts of the console and who sees them: only what the person's role may do.
import { may, type Session } from "@/api/session";
import { texts } from "@/texts";

export interface Place {
  to: string;
  text: string;
}
interface Rule extends Place {
  /** The scope that its calls need; none: everybody who is logged in. */
  scope?: string;
}

const words = texts.navigation;
const CLIENT: Rule[] = [
  { to: "/overview", text: words.overview, scope: "audit:read" },
  { to: "/users", text: words.users, scope: "users:read" },
  { to: "/roles", text: words.roles, scope: "roles:read" },
  { to: "/keys", text: words.keys },
  { to: "/limits", text: words.limits, scope: "admin" },
  { to: "/audit", text: words.audit, scope: "audit:read" },
  { to: "/storage", text: words.storage, scope: "storage:read" },
  { to: "/isolation", text: words.isolation, scope: "admin" },
  { to: "/settings", text: words.settings, scope: "admin" },
];
const PLATFORM: Place[] = [
  { to: "/clients", text: words.clients },
  { to: "/statistics", text: words.statistics },
  { to: "/tiers", text: words.tiers },
  { to: "/outbox", text: words.outbox },
];
/** Pages that no menu names. */
const APART: { to: string; scope: string }[] = [{ to: "/welcome", scope: "admin" }];
const OWN: Place[] = [{ to: "/account", text: words.account }];

/** Return the groups of places that a person sees, in order. */
export function placesOf(session: Session): { name: string; places: Place[] }[] {
  const allowed = CLIENT.filter((rule) => rule.scope === undefined || may(session, rule.scope));
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

/** Whether the person's role may do what a page, or the one above it, is for. */
export function mayOpen(session: Session, path: string): boolean {
  const rules: { to: string; scope?: string }[] = [...APART, ...CLIENT];
  const rule = rules.find(({ to }) => path === to || path.startsWith(`${to}/`));
  return rule?.scope === undefined || may(session, rule.scope);
}
