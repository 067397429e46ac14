// Lists of the service come in pages: a cursor leads from one to the next.
import { keepPreviousData, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";

interface PageOf<Item> {
  items: Item[];
  next_cursor: string | null;
}

export type List<Item> = Pick<
  UseInfiniteQueryResult<unknown>,
  "error" | "refetch" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"
> & {
  /** What has been fetched so far; undefined before the first page is there. */
  data: Item[] | undefined;
  /** Whether these are the rows of the search before, shown until the new ones are there. */
  isPrevious: boolean;
};

/**
 * Read a list page by page; `read` gets the cursor of the page wanted, undefined for the first, and a signal that is
 * raised once nobody waits for it. With `keepPrevious` the rows of another key stay until the new ones are there.
 */
export function useList<Item>(
  key: readonly unknown[],
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<PageOf<Item>>,
  { keepPrevious = false, ...options }: { refetchInterval?: number | false; keepPrevious?: boolean } = {},
): List<Item> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
    ...options,
  });
  const { error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const data = query.data?.pages.flatMap((page) => page.items);
  return { data, isPrevious: query.isPlaceholderData, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage };
}
