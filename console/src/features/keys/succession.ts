// Keys that a rotation ties together: the one that took over, and those it replaced, which may work on for a while.
import type { Schema } from "@/api/client";
import type { Key } from "./keys";

type Entry = Schema<"AuditLog">;

export const ROTATED = "key.rotate";

/** Those of some keys that another one replaced. */
export function replacedBy(keys: Key[], { key_id }: Key): Key[] {
  return keys.filter((key) => key.replaced_by === key_id);
}

/** Whether a key's use began before it was made: it counts on from the key that it replaced. */
export function countsOlder({ created_at, last_used_at }: Key): boolean {
  return last_used_at !== null && Date.parse(last_used_at) < Date.parse(created_at);
}

/** The rotation that a key came from, if it stands among some rows of the audit log: there it is one of the old key. */
export function rotationInto({ key_id }: Key, entries: Entry[]): Entry | undefined {
  return entries.find((entry) => entry.action === ROTATED && entry.detail.new_key_id === key_id);
}
