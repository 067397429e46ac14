// How calls are repeated and kept: a refusal is final, a busy service is asked again when it says. One that says “too
// many calls” is heard at once: whoever looks sees how long the wait is, and the page asks again once it is over.
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problems";
import { worstRisk } from "./risks";

const TRIES = 3;

/**
 * For what nearly every action changes, here or in a terminal beside it: read anew whenever one comes to look; not at a
 * page that has something to lose, for a session that has ended meanwhile would take it away.
 */
export const READ_ANEW = { staleTime: 0, refetchOnWindowFocus: () => worstRisk() === undefined } as const;

/** Return the store of what has been read. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < TRIES && isPassing(error),
        retryDelay: (failures, error) => {
          const named = error instanceof ApiProblem ? error.retryAfter : null;
          return named === null ? 500 * 2 ** failures : Math.min(named, 30) * 1000;
        },
      },
    },
  });
}

/** Whether asking again at once, unseen, may help. */
function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.status === 503;
}
