// Putting what has just been read on top of the list that is shown.
import type { InfiniteData } from "@tanstack/react-query";
import type { Entry, EntryPage } from "./entries";

type Shown = InfiniteData<EntryPage>;

/** Return the ids of the entries that the list does not have, and how many it has with them. */
export function newestIn(shown: Shown, read: Entry[]): { added: string[]; count: number } {
  const known = idsOf(shown);
  const added = read.map((entry) => entry.audit_id).filter((id) => !known.has(id));
  return { added, count: known.size + added.length };
}

/**
 * Return the list, if there is one, with what is new on top; an entry that it has may have been counted on (refused
 * credentials are summed up), and is put in its place.
 */
export function withNewest(present: Shown | undefined, read: Entry[]): Shown | undefined {
  if (!present) return present;
  const known = idsOf(present);
  const added = read.filter((entry) => !known.has(entry.audit_id));
  const fresh = new Map(read.map((entry) => [entry.audit_id, entry]));
  const pages = present.pages.map((page, at) => {
    const items = page.items.map((entry) => fresh.get(entry.audit_id) ?? entry);
    return { ...page, items: at === 0 ? [...added, ...items] : items };
  });
  return { ...present, pages };
}

function idsOf(shown: Shown): Set<string> {
  return new Set(shown.pages.flatMap((page) => page.items.map((entry) => entry.audit_id)));
}
