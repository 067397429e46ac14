// What the people and things in entries are called, and where their pages are.
import { may, type Session } from "@/api/session";
import { texts } from "@/texts";
import type { Entry } from "./entries";
import { type Named, textOf } from "./parts";

const words = texts.audit;
/** Ids begin with their time: the last digits tell them apart. */
const TOLD = 8;

/** Names by id; with `isAll`, whoever is not among them is gone. */
export interface Known {
  names: ReadonlyMap<string, string>;
  isAll: boolean;
}

export interface Naming {
  /** What somebody or something is called, by the end of its id where nothing better is known. */
  nameOf: (named: Named) => string;
  /** Where its page is; null where it has none, or none that the reader may see. */
  placeOf: (named: Named) => string | null;
}

/** Return how things are called for the reader; `told`: keys of which entries tell what they are. */
export function namingOf(session: Session, users: Known, keys: Known, told: ReadonlyMap<string, string>): Naming {
  const { user: me, client } = session;
  const emailOf = (id: string) => (id === me.user_id ? me.email : users.names.get(id));
  return {
    nameOf: ({ kind, id, said }) => {
      if (kind === "user") return emailOf(id) ?? words.byUser(endOf(id));
      if (kind === "key") return told.get(id) ?? words.byKey(said ?? keys.names.get(id) ?? endOf(id));
      if (kind === "role") return words.aboutRole(id);
      if (kind === "tier") return words.aboutTier(id);
      return id === client.client_id ? client.client_name : words.aboutClient(said ?? endOf(id));
    },
    placeOf: ({ kind, id }) => {
      const isGone = (known: Known) => known.isAll && !known.names.has(id);
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

function endOf(id: string): string {
  return `…${id.slice(-TOLD)}`;
}
