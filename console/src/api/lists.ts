// Lists of the service come in pages: a cursor leads from one to the next.
import { type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";

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
};

/** Read a list page by page; `read` gets the cursor of the page wanted, undefined for the first. */
export function useList<Item>(
  key: readonly unknown[],
  read: (cursor: string | undefined) => Promise<PageOf<Item>>,
  options: { refetchInterval?: number | false } = {},
): List<Item> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    ...options,
  });
  const { error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const data = query.data?.pages.flatMap((page) => page.items);
  return { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage };
}
