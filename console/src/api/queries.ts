// How calls are repeated and kept: a refusal is final, a busy service is asked again when it says.
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problems";

const TRIES = 3;

/** For what nearly every action changes, here or in a terminal beside it: read anew whenever one comes to look. */
export const READ_ANEW = { staleTime: 0, refetchOnWindowFocus: true } as const;

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

function isPassing(error: unknown): boolean {
  return (
    !(error instanceof ApiProblem) || error.status === 503 || (error.status === 429 && (error.retryAfter ?? 99) <= 30)
  );
}
