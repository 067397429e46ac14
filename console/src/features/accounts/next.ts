// Where a login leads: only to a page of the console, whatever the address says.

const CONSOLE_PATH = /^\/(?!\/)[^\\\p{Cc}]*$/u;

/** Return the page to open after the login; anything that is no path of the console leads to the start. */
export function safeNext(wanted: string | null): string {
  if (wanted === null || !CONSOLE_PATH.test(wanted)) return "/";
  const { origin, pathname, search, hash } = new URL(wanted, location.origin);
  const isHere = origin === location.origin && !pathname.startsWith("//") && pathname !== "/login";
  return isHere ? pathname + search + hash : "/";
}
