// Who did what an entry tells. An entry's user and key are those whom it is about; the doer, where that is another,
// stands in its detail.
import { texts } from "@/texts";
import type { Entry } from "./entries";

const words = texts.audit;
const TOLD = 8;

/** Return in words who acted, by the end of an id. */
export function whoOf({ user_id, key_id, detail }: Pick<Entry, "user_id" | "key_id" | "detail">): string {
  if (detail.by === "operator") return words.byOperator;
  const user = textOf(detail.by_user) ?? (key_id || detail.by_key ? null : user_id);
  if (user) return words.byUser(endOf(user));
  const key = textOf(detail.by_key) ?? key_id;
  return key ? words.byKey(endOf(key)) : words.bySystem;
}

function endOf(id: string): string {
  return `…${id.slice(-TOLD)}`;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
