// What the fields of a key's form say, as the service takes it.
import type { Values } from "@/design/Form";
import type { Key } from "./keys";

export const NEVER = "never";
export const OWN_NUMBER = "own";
export const WINDOWS = ["requests_per_minute", "requests_per_hour", "requests_per_day"] as const;

export interface Settings {
  name: string;
  scopes: string[];
  usage_limit: number | null;
  rate_limit: Partial<Record<(typeof WINDOWS)[number], number>>;
  allowed_ips: string[];
  allowed_origins: string[];
}

/** The settings that a form holds; `scopes` are chosen beside its fields. */
export function settingsOf(values: Values, scopes: string[]): Settings {
  const windows = WINDOWS.flatMap((name) => {
    const calls = values[`rate_limit.${name}`];
    return calls ? [[name, Number(calls)] as const] : [];
  });
  return {
    name: (values.name ?? "").trim(),
    scopes,
    usage_limit: values.usage_limit ? Number(values.usage_limit) : null,
    rate_limit: Object.fromEntries(windows),
    allowed_ips: linesOf(values.allowed_ips),
    allowed_origins: linesOf(values.allowed_origins),
  };
}

/** Days until it expires, null for never; undefined where it is to stay as it is. */
export function expiryOf(values: Values): number | null | undefined {
  if (values.expires === undefined) return undefined;
  if (values.expires === NEVER) return null;
  return Number(values.expires === OWN_NUMBER ? values.expires_in_days : values.expires);
}

/** Those settings that differ from a key's own: only they are sent, and stand in the audit log. */
export function changesOf(key: Key, settings: Settings): Partial<Settings> {
  const changed = Object.entries(settings).filter(([name, value]) => !same(key[name as keyof Settings], value));
  return Object.fromEntries(changed);
}

function linesOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(/[\n,]+/)
    .map((line) => line.trim())
    .filter(Boolean);
}

function same(before: unknown, after: unknown): boolean {
  return JSON.stringify(inOrder(before)) === JSON.stringify(inOrder(after));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return [...value].sort();
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).sort(([one], [other]) => one.localeCompare(other));
}
