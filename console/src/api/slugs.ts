// The short names of clients, which people log in by.

const NOT_ASCII = /[^\p{ASCII}]/gu;
const NOT_IN_SLUGS = /[^a-z0-9]+/g;
const OUTER_DASHES = /^-+|-+$/g;
const SLUG_OR_ID = /^[a-z0-9-]+$/;
const LONGEST = 50;

/** Return the short name that a client's name suggests; empty where it has no letter that a short name may have. */
export function proposedSlug(name: string): string {
  const plain = name.normalize("NFKD").replace(NOT_ASCII, "").toLowerCase();
  const dashed = plain.replace(NOT_IN_SLUGS, "-").replace(OUTER_DASHES, "");
  return dashed.slice(0, LONGEST).replace(OUTER_DASHES, "");
}

/** Return the address at which people of a client log in to the console; the page then knows the client. */
export function loginAddress(slug: string): string {
  return `${location.origin}/console/login?client=${slug}`;
}

/** Return the path of the login, which fills in whose it is and leads on to `next`, as far as either is known. */
export function loginPath({ client = "", next = "" }: { client?: string; next?: string }): string {
  const known = new URLSearchParams(Object.entries({ client, next }).filter(([, value]) => value !== ""));
  return known.size > 0 ? `/login?${known}` : "/login";
}

/** Return what somebody typed for a client as a login names it: by its short name or id, though it was its full name. */
export function namedClient(typed: string): string {
  const plain = typed.trim().toLowerCase();
  return SLUG_OR_ID.test(plain) ? plain : proposedSlug(plain) || plain;
}
