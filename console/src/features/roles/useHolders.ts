// How many users hold each role, as the statistics say.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { READ_ANEW } from "@/api/queries";
import { may, useClientId, useSession } from "@/api/session";

/** What is needed to know how many users hold each role. */
export const HOLDERS_SCOPE = "audit:read";

/** Read the number of users by role; nothing is asked for whoever may not read the statistics. */
export function useHolders(): UseQueryResult<Record<string, number>> {
  const clientId = useClientId();
  return useQuery({
    queryKey: ["roles", clientId, "holders"],
    queryFn: () => readHolders(clientId),
    enabled: may(useSession(), HOLDERS_SCOPE),
    ...READ_ANEW,
  });
}

async function readHolders(clientId: string): Promise<Record<string, number>> {
  const params = { path: { client_id: clientId } };
  return (await call(api.GET("/api/v1/{client_id}/stats", { params }))).users_by_role;
}
