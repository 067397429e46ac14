// Lists of the service come in pages: a cursor leads from one to the next.
import { keepPreviousData, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";

interface PageOf<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Read pages one after the other until an item is found; undefined where none of them has it. */
export async function findInPages<Item>(
  read: (at: { cursor?: string }) => Promise<PageOf<Item>>,
  isWanted: (item: Item) => boolean,
): Promise<Item | undefined> {
  let page = await read({});
  let found = page.items.find(isWanted);
  while (found === undefined && page.next_cursor !== null) {
    page = await read({ cursor: page.next_cursor });
    found = page.items.find(isWanted);
  }
  return found;
}

export type List<Item> = Pick<
  UseInfiniteQueryResult<unknown>,
  "error" | "dataUpdatedAt" | "refetch" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"
> & {
  /** Why the next page could not be fetched. */
  moreError: unknown;
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
  const { dataUpdatedAt, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const data = query.data?.pages.flatMap((page) => page.items);
  const pages = { dataUpdatedAt, refetch, hasNextPage, isFetchingNextPage, fetchNextPage };
  return { data, isPrevious: query.isPlaceholderData, ...pages, ...whichFailed(query) };
}

/** Tell an error of the next page, which the button for it shows, from one of what is shown. */
export function whichFailed({ error, isFetchNextPageError }: { error: Error | null; isFetchNextPageError: boolean }) {
  const [ofShown, ofNext] = isFetchNextPageError ? [null, error] : [error, null];
  return { error: ofShown, moreError: ofNext };
}
