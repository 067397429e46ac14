// Reading the audit log: pages of it, and what is new while one watches.
import { type InfiniteData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, call, type Schema } from "@/api/client";
import { useList } from "@/api/lists";
import { useClientId } from "@/api/session";
import { newestIn, withNewest } from "./newest";

export type Entry = Schema<"AuditLog">;
export interface EntryPage {
  items: Entry[];
  next_cursor: string | null;
}

export const FILTERS = ["action", "status", "user_id", "key_id", "since", "until"] as const;
export type Filters = Record<(typeof FILTERS)[number], string>;

const LIVE_MS = 5_000;
const AFTER_FAILURE_MS = 30_000;
/** An entry is noted when its work begins and seen when it ends: what is a little older is looked at again. */
const OVERLAP_MS = 10_000;
const MOST_AT_ONCE = 100;
/** A live list that has grown beyond this begins anew with the newest page. */
const MOST_SHOWN = 500;

/** The filters that are set, as the service takes them. */
export function queryOf(filters: Filters): Partial<Filters> & { status?: "success" | "failed" } {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
}

/** The entries that match, newest first. */
export function useEntries(filters: Filters) {
  const read = useReading(filters);
  return useList(useKey(filters), (cursor) => read({ cursor }));
}

/** While `on`, ask every few seconds for what is new and put it on top; returns the ids of what came so. */
export function useLive(filters: Filters, on: boolean) {
  const queries = useQueryClient();
  const list = useKey(filters);
  const read = useReading(filters);
  const key = [...list, "live"];
  const query = useQuery({
    queryKey: key,
    enabled: on,
    gcTime: 0,
    staleTime: 0,
    retry: false,
    refetchInterval: ({ state }) => (state.status === "error" ? AFTER_FAILURE_MS : LIVE_MS),
    refetchIntervalInBackground: false,
    queryFn: async () => {
      const before = queries.getQueryData<string[]>(key) ?? [];
      const shown = queries.getQueryData<InfiniteData<EntryPage>>(list);
      if (!shown) return before;
      const page = await read({ since: sinceOf(shown, filters), limit: MOST_AT_ONCE });
      const { added, count } = newestIn(shown, page.items);
      const tooMany = added.length === MOST_AT_ONCE || count > MOST_SHOWN;
      const anew = tooMany ? begunAnew(await read({})) : null;
      // More of the list may have been read meanwhile: what is new goes into what is there by now.
      queries.setQueryData<InfiniteData<EntryPage>>(list, (present) => {
        return present && anew ? anew : withNewest(present, page.items);
      });
      return [...added, ...before];
    },
  });
  const found = useMemo(() => new Set(on ? query.data : []), [on, query.data]);
  return { found, failed: on && query.isError };
}

function useKey(filters: Filters): readonly unknown[] {
  const client_id = useClientId();
  return useMemo(() => ["audit", client_id, queryOf(filters)], [client_id, filters]);
}

function useReading(filters: Filters) {
  const client_id = useClientId();
  return (more: { cursor?: string | undefined; since?: string; limit?: number }) => {
    const query = { ...queryOf(filters), ...Object.fromEntries(Object.entries(more).filter(([, value]) => value)) };
    return call(api.GET("/api/v1/{client_id}/audit-logs", { params: { path: { client_id }, query } }));
  };
}

function sinceOf(shown: InfiniteData<EntryPage>, filters: Filters): string {
  const newest = shown.pages[0]?.items[0]?.timestamp;
  const from = new Date(newest ?? 0).getTime() - OVERLAP_MS;
  const least = filters.since === "" ? 0 : new Date(filters.since).getTime();
  return new Date(Math.max(from, least, 0)).toISOString();
}

function begunAnew(first: EntryPage): InfiniteData<EntryPage> {
  return { pages: [first], pageParams: [undefined] };
}
