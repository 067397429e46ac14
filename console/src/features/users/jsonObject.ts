// JSON that somebody has typed.
import { texts } from "@/texts";

type Read = { value: Record<string, unknown>; error: null } | { value: null; error: string };

/** Read one JSON object; else say what is wrong with the text. */
export function objectOf(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { value: null, error: texts.users.customNotJson(error instanceof Error ? error.message : "") };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { value: null, error: texts.users.customNotObject };
  }
  return { value: value as Record<string, unknown>, error: null };
}
