// What the pages know about keys: who may handle one, and how it stands.
import type { Schema } from "@/api/client";
import { may, type Session } from "@/api/session";

export type Key = Schema<"KeyView">;
export type Issued = Schema<"IssuedKey">;
export type State = Key["status"] | "rotating";

/** Whether a person may handle all keys of the client, not just their own. */
export function handlesAll(session: Session): boolean {
  return may(session, "keys:write");
}

/** Whether a person may change, rotate and end a key. */
export function handles(session: Session, key: Key): boolean {
  return handlesAll(session) || key.user_id === session.user.user_id;
}

/** How a key stands; one that has a successor and still works is rotating. */
export function stateOf(key: Key): State {
  return key.status === "active" && key.replaced_by !== null ? "rotating" : key.status;
}

/** What can be seen of a key in a line of text: its beginning and its end. */
export function maskOf({ prefix, last4 }: Key): string {
  return `${prefix}…${last4}`;
}

/** A command that uses a new key, filled in: a call that the key may make and that changes nothing. */
export function curlOf(key: Issued, clientId: string, email: string, password: string): string {
  const base = `${location.origin}/api/v1`;
  if (key.kind === "secret")
    return `curl "${base}${readingPath(key, clientId)}" \\\n  -H "Authorization: Bearer ${key.api_key}"`;
  const origin = key.allowed_origins[0];
  return [
    `curl ${base}/${clientId}/login`,
    `-H "Authorization: Bearer ${key.api_key}"`,
    ...(origin ? [`-H "Origin: ${origin}"`] : []),
    `-H "Content-Type: application/json"`,
    `-d '${JSON.stringify({ email, password }).replaceAll("'", "\\u0027")}'`,
  ].join(" \\\n  ");
}

const READING: [scope: string, path: string][] = [
  ["users:read", "/users?limit=5"],
  ["keys:read", "/keys?limit=5"],
  ["roles:read", "/roles"],
  ["audit:read", "/audit-logs?limit=5"],
  ["storage:read", "/storage"],
];

function readingPath(key: Issued, clientId: string): string {
  const found = READING.find(([scope]) => key.scopes.includes(scope));
  if (found) return `/${clientId}${found[1]}`;
  // Without a scope, a user's own key opens only what belongs to no client.
  return key.user_id === null ? `/${clientId}/rate-limit-status` : "/tiers";
}
