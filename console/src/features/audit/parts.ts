// What an entry's doer and subject are told with: words, and whom or what they name.

/** A user, key, role, tier or client. */
export interface Named {
  kind: "user" | "key" | "role" | "tier" | "client";
  /** Its id, or the name that stands for one. */
  id: string;
  /** What the entry itself calls it. */
  said?: string | null;
}
export type Part = string | Named;

/** Name a user. */
export function user(id: string): Named {
  return { kind: "user", id };
}

/** Name a key. */
export function key(id: string, said: string | null = null): Named {
  return { kind: "key", id, said };
}

/** Whether a part names something, and is not a word. */
export function isNamed(part: Part): part is Named {
  return typeof part !== "string";
}

/** Return what an action is about, as its name begins. */
export function nounOf(action: string): string {
  return action.split(".")[0] ?? action;
}

/** Return a detail that is a text. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
