// The cookie whose value a call echoes, to prove that it comes from this page.

/**
 * Return its value, "" where there is none. Over https only the name counts that no other host can set (`__Host-`);
 * over http, which is loopback alone, browsers keep no such cookie.
 */
export function csrfIn(cookies: string, protocol: string): string {
  const name = protocol === "https:" ? "__Host-rowlock_csrf" : "rowlock_csrf";
  for (const pair of cookies.split("; ")) {
    const [found, value = ""] = pair.split("=");
    if (found === name) return value;
  }
  return "";
}
