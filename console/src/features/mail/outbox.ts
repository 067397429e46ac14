// What operators read of the mails of all clients.
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, call, type Schema } from "@/api/client";
import { whichFailed } from "@/api/lists";
import { texts } from "@/texts";

export type Mail = Schema<"OutboxEntryView">;
export type Counts = Schema<"Counts">;
export type MailFilters = Record<"status" | "kind" | "client_id", string>;

export const STATUSES: Mail["status"][] = ["waiting", "dead", "sent", "discarded"];
const PAGE = 25;
const EVERY_MS = 10_000;
const OVERDUE_MS = 600_000;
const KEY = ["mail", "outbox"];

/** The mails that match, newest first, with how many there are of each status; the first page is read anew each 10 s. */
export function useOutbox(filters: MailFilters) {
  const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
  const read = useInfiniteQuery({
    queryKey: [...KEY, query],
    queryFn: ({ pageParam: cursor, signal }) =>
      call(api.GET("/api/v1/admin/outbox", { params: { query: { ...query, cursor, limit: PAGE } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // Each page that is shown would be a call of its own.
    refetchInterval: ({ state }) => (isLong(state.data) ? false : EVERY_MS),
  });
  return {
    ...read,
    ...whichFailed(read),
    data: read.data && {
      mails: read.data.pages.flatMap((page) => page.items),
      counts: read.data.pages[0]?.counts,
      delivery: read.data.pages[0]?.delivery,
    },
    isLive: !isLong(read.data),
  };
}

/** Return a function that has a mail sent now. */
export function useRetry() {
  const queries = useQueryClient();
  return useCallback(
    async (mail: Mail) => {
      const path = { message_id: mail.message_id };
      await call(api.POST("/api/v1/admin/outbox/{message_id}/retry", { params: { path } }));
      await queries.invalidateQueries({ queryKey: KEY });
    },
    [queries],
  );
}

/** Whether a mail can be sent now instead of later, or once more. */
export function canRetry(mail: Mail): boolean {
  return mail.status === "dead" || (mail.status === "waiting" && mail.attempts > 0);
}

/** Whether a mail should have left so long ago that nobody seems to send any. */
export function isOverdue(mail: Mail, now: number = Date.now()): boolean {
  return mail.status === "waiting" && now - new Date(mail.next_attempt_at).getTime() > OVERDUE_MS;
}

/** What to do about an error, if anything is known about it. */
export function adviceOn(error: string): string | undefined {
  return texts.mail.advice.find(([start]) => error.startsWith(start))?.[1];
}

function isLong(data: { pages: unknown[] } | undefined): boolean {
  return (data?.pages.length ?? 0) > 1;
}
