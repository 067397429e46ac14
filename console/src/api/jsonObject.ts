// JSON that somebody has typed.

/** What is wrong with a text that is to be one JSON object. */
export type Fault = { kind: "not_json"; said: string } | { kind: "not_object" } | { kind: "number"; path: string };
type Read = { value: Record<string, unknown>; fault: null } | { value: null; fault: Fault };

/**
 * Read one JSON object. Whole numbers beyond 2^53 are a fault: a browser rounds them, whether they were typed or came
 * from the service, and would save others than it read.
 */
export function readObject(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { value: null, fault: { kind: "not_json", said: error instanceof Error ? error.message : "" } };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { value: null, fault: { kind: "not_object" } };
  }
  const path = roundedIn(value, "");
  if (path !== null) return { value: null, fault: { kind: "number", path } };
  return { value: value as Record<string, unknown>, fault: null };
}

/** Where the first number stands that may not be the one that was written; null where there is none. */
function roundedIn(value: unknown, path: string): string | null {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER ? path : null;
  if (typeof value !== "object" || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const found = roundedIn(part, path === "" ? name : `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}
