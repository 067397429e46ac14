// How many users hold each role, as the statistics say.
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { READ_ANEW } from "@/api/queries";
import { may, useClientId, useSession } from "@/api/session";

/** Return the number of users by role; undefined for whoever may not read the statistics, and until they are there. */
export function useHolders(): Record<string, number> | undefined {
  const clientId = useClientId();
  const query = useQuery({
    queryKey: ["roles", clientId, "holders"],
    queryFn: () => call(api.GET("/api/v1/{client_id}/stats", { params: { path: { client_id: clientId } } })),
    enabled: may(useSession(), "audit:read"),
    ...READ_ANEW,
  });
  return query.data?.users_by_role;
}
