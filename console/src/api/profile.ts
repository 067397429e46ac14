// What people are called: the part of a user that a form changes.
import type { Schema } from "./client";

export type Profile = Pick<Schema<"UserView">, "full_name" | "username" | "avatar_url">;

const NAMES = ["full_name", "username", "avatar_url"] as const;

/**
 * Return those fields of a profile that a form has changed since it was opened; null takes one away. Others are not sent:
 * somebody else may have changed them meanwhile, and the audit log names what is sent.
 */
export function changedProfile(opened: Profile, values: Partial<Record<keyof Profile, string>>): Partial<Profile> {
  const after = NAMES.map((name) => [name, values[name] ?? null] as const);
  return Object.fromEntries(after.filter(([name, value]) => value !== (opened[name] ?? null)));
}
