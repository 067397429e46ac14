// The tiers, for whoever chooses one or looks at them.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "./client";

export type Tier = Schema<"TierView">;

export const tiersKey = ["tiers"] as const;
const SHOWN_FOR_MS = 60_000;

/** All tiers with their limits. */
export function useTiers() {
  return useQuery({
    queryKey: tiersKey,
    queryFn: async () => (await call(api.GET("/api/v1/tiers"))).items,
    staleTime: SHOWN_FOR_MS,
  });
}
