// Whom or what an entry is about.
import { texts } from "@/texts";
import type { Entry } from "./entries";
import { key, type Named, nounOf, type Part, textOf, user } from "./parts";

const words = texts.audit;

const BY_ACTION: Record<string, (entry: Entry) => Part[]> = {
  "access_key.rotate": ({ detail }) => keyOf(textOf(detail.new_key_id)),
  "credential.refuse": ({ user_id, key_id }) => (user_id ? [user(user_id)] : keyOf(key_id)),
  "mail.retry": () => [words.aboutMail],
  "role.change": ofUser,
  "session.revoke_all": () => [words.aboutEverybody],
  "user.create": (entry) => (entry.status === "failed" ? roleOf(entry) : ofUser(entry)), // nobody was made
  "user.import": () => [words.aboutUsers],
};
const BY_NOUN: Record<string, (entry: Entry) => Part[]> = {
  client: ofClient,
  isolation: ofClient,
  key: ({ key_id, detail }) => keyOf(key_id, textOf(detail.name)),
  limits: ofClient,
  role: roleOf,
  tier: ({ detail }) => named("tier", textOf(detail.tier)),
};

/** Return whom or what it is about; nothing where that is not known. */
export function aboutOf(entry: Entry): Part[] {
  return (BY_ACTION[entry.action] ?? BY_NOUN[nounOf(entry.action)] ?? ofUser)(entry);
}

function ofUser({ user_id }: Entry): Part[] {
  return user_id ? [user(user_id)] : [];
}

function ofClient({ client_id, detail }: Entry): Part[] {
  return [{ kind: "client", id: textOf(detail.client_id) ?? client_id, said: textOf(detail.slug) }];
}

function roleOf({ detail }: Entry): Part[] {
  return named("role", textOf(detail.role));
}

function keyOf(id: string | null, said: string | null = null): Part[] {
  return id ? [key(id, said)] : [];
}

function named(kind: Named["kind"], id: string | null): Part[] {
  return id ? [{ kind, id }] : [];
}
