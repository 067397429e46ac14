// What the people and things in entries are called, and where their pages are.
import { may, type Session } from "@/api/session";
import { texts } from "@/texts";
import { aboutOf } from "./about";
import type { Entry } from "./entries";
import { isNamed, type Named, textOf } from "./parts";
import { whoOf } from "./who";

const words = texts.audit;
/** Ids begin with their time: the last digits tell them apart. */
const TOLD = 8;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Names by id; null is who is gone. */
export type Known = ReadonlyMap<string, string | null>;

export interface Naming {
  /** What somebody or something is called, by the end of its id where nothing better is known. */
  nameOf: (named: Named) => string;
  /** Where its page is; null where it has none, or none that the reader may see. */
  placeOf: (named: Named) => string | null;
}

/** Return how things are called for the reader; `told`: keys of which entries tell what they are. */
export function namingOf(session: Session, users: Known, keys: Known, told: ReadonlyMap<string, string>): Naming {
  const { user: me, client } = session;
  const emailOf = (id: string) => (id === me.user_id ? me.email : users.get(id));
  return {
    nameOf: ({ kind, id, said }) => {
      if (kind === "user") return emailOf(id) ?? words.byUser(endOf(id));
      if (kind === "key") return told.get(id) ?? words.byKey(said ?? keys.get(id) ?? endOf(id));
      if (kind === "role") return words.aboutRole(id);
      if (kind === "tier") return words.aboutTier(id);
      return id === client.client_id ? client.client_name : words.aboutClient(said ?? endOf(id));
    },
    placeOf: ({ kind, id }) => {
      const isGone = (known: Known) => known.get(id) === null;
      if (kind === "user") return may(session, "users:read") && !isGone(users) ? `/users/${id}` : null;
      if (kind === "key") return may(session, "keys:read") && !isGone(keys) ? `/keys/${id}` : null;
      if (kind === "role") return may(session, "roles:read") ? `/roles/${id}` : null;
      if (kind === "tier") return session.is_operator ? "/tiers" : null;
      if (id === client.client_id) return may(session, "admin") ? "/settings" : null;
      return session.is_operator ? `/clients/${id}` : null;
    },
  };
}

/** Return what entries tell of keys: which had a name, and which is an access key, which has no page. */
export function keysToldIn(entries: Entry[]): Map<string, string> {
  const told = new Map<string, string>();
  for (const { action, key_id, detail } of entries) {
    const [name, successor] = [textOf(detail.name), textOf(detail.new_key_id)];
    if (action === "access_key.rotate" && successor) told.set(successor, words.accessKey);
    if (action === "client.register" && key_id) told.set(key_id, words.accessKey);
    if (action.startsWith("key.") && key_id && name) told.set(key_id, words.byKey(name));
  }
  return told;
}

/** Return whom or what of a kind entries name, each once. */
export function idsIn(entries: Entry[], kind: Named["kind"]): string[] {
  const parts = entries.flatMap((entry) => [...whoOf(entry), ...aboutOf(entry)]);
  const named = parts.filter((part) => isNamed(part)).filter((part) => part.kind === kind && UUID.test(part.id));
  return [...new Set(named.map(({ id }) => id))];
}

function endOf(id: string): string {
  return `…${id.slice(-TOLD)}`;
}
