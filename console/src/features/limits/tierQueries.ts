// What operators read of tiers, and how a change reaches what is shown.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, call, type Schema } from "@/api/client";
import { READ_ANEW } from "@/api/queries";
import { tiersKey } from "@/api/tiers";

export type TierLimits = Schema<"TierLimits">;
export type LimitName = keyof TierLimits;

/** The limits in the order in which they are shown. */
export const CLIENT_LIMITS: LimitName[] = ["requests_per_minute", "requests_per_hour", "requests_per_day"];
export const USER_LIMITS: LimitName[] = ["user_requests_per_minute", "user_requests_per_hour"];
export const VERIFY_LIMITS: LimitName[] = ["verify_requests_per_minute"];
export const LIMITS: LimitName[] = [...CLIENT_LIMITS, ...USER_LIMITS, ...VERIFY_LIMITS];
/** What a tier has that nobody has named limits for. */
export const FRESH: TierLimits = {
  requests_per_minute: 10,
  requests_per_hour: 100,
  requests_per_day: 1_000,
  user_requests_per_minute: 60,
  user_requests_per_hour: 1_000,
  verify_requests_per_minute: null,
};

/** How many clients each tier has; a tier that is not named has none. */
export function useClientsByTier() {
  return useQuery({
    queryKey: ["statistics", "installation"],
    queryFn: () => call(api.GET("/api/v1/admin/stats")),
    select: (stats) => stats.clients_by_tier,
    ...READ_ANEW,
  });
}

/** Return a function that sets all limits of a tier, new or not. */
export function usePutTier() {
  const queries = useQueryClient();
  return useCallback(
    async (name: string, limits: TierLimits) => {
      await call(api.PUT("/api/v1/tiers/{name}", { params: { path: { name } }, body: limits }));
      await queries.invalidateQueries({ queryKey: tiersKey });
    },
    [queries],
  );
}
