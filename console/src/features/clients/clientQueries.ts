// What operators read of clients, and how changes reach what is shown.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, call, type Schema } from "@/api/client";
import { useList } from "@/api/lists";
import type { operations } from "@/api/schema";

export type Client = Schema<"ClientView">;
export type ClientChange = Schema<"ClientChange">;
type ClientQuery = NonNullable<operations["list_clients"]["parameters"]["query"]>;
export type ClientFilters = Record<"q" | "status" | "tier" | "industry" | "sort", string>;

const PAGE = 25;
const SHOWN_FOR_MS = 60_000;
const of = (clientId: string) => ["clients", "one", clientId];

/** The clients that match, page by page; those of the search before stay until the new ones are there. */
export function useClients(filters: ClientFilters) {
  // What stands in the address may be anything: the service says what it does not take.
  const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "")) as ClientQuery;
  return useList(
    ["clients", "list", query],
    (cursor, signal) =>
      call(api.GET("/api/v1/clients", { params: { query: { ...query, cursor, limit: PAGE } }, signal })),
    { keepPrevious: true },
  );
}

/** One client with its settings and limits. */
export function useClient(clientId: string, enabled: boolean) {
  return useQuery({
    queryKey: [...of(clientId), "client"],
    queryFn: () => call(api.GET("/api/v1/clients/{client_id}", { params: { path: { client_id: clientId } } })),
    enabled,
  });
}

/** How a client stands against its limits. */
export function useLimitStatus(clientId: string) {
  return useQuery({
    queryKey: [...of(clientId), "limits"],
    queryFn: () =>
      call(api.GET("/api/v1/{client_id}/rate-limit-status", { params: { path: { client_id: clientId } } })),
  });
}

/** What happened at a client in the last 30 days. */
export function useActivity(clientId: string) {
  return useQuery({
    queryKey: [...of(clientId), "activity"],
    queryFn: () => call(api.GET("/api/v1/{client_id}/stats", { params: { path: { client_id: clientId } } })),
    staleTime: SHOWN_FOR_MS,
  });
}

/** The room that a client takes. */
export function useStorage(clientId: string) {
  return useQuery({
    queryKey: [...of(clientId), "storage"],
    queryFn: () => call(api.GET("/api/v1/{client_id}/storage", { params: { path: { client_id: clientId } } })),
    staleTime: SHOWN_FOR_MS,
  });
}

/** The latest report on who reaches a client's data. */
export function useIsolation(clientId: string) {
  return useQuery({
    queryKey: [...of(clientId), "isolation"],
    queryFn: () => call(api.GET("/api/v1/{client_id}/isolation-report", { params: { path: { client_id: clientId } } })),
    staleTime: SHOWN_FOR_MS,
  });
}

/** Return a function that changes a client and lets the page and the lists show it. */
export function useChangeClient(clientId: string) {
  const queries = useQueryClient();
  return useCallback(
    async (change: ClientChange) => {
      const changed = await call(
        api.PATCH("/api/v1/clients/{client_id}", { params: { path: { client_id: clientId } }, body: change }),
      );
      queries.setQueryData([...of(clientId), "client"], changed);
      void queries.invalidateQueries({ queryKey: [...of(clientId), "limits"] });
      void queries.invalidateQueries({ queryKey: ["clients", "list"] });
    },
    [queries, clientId],
  );
}

/** Return a function that has a client's windows read anew. */
export function useRereadLimits(clientId: string) {
  const queries = useQueryClient();
  return useCallback(() => queries.invalidateQueries({ queryKey: [...of(clientId), "limits"] }), [queries, clientId]);
}
