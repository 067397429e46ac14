// Making a role or changing what it holds, and reading all of them anew.
import { useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { rolesKey } from "@/api/roles";
import { useClientId } from "@/api/session";

/** Return what puts a role. */
export function usePutRole(): (name: string, permissions: string[]) => Promise<void> {
  const clientId = useClientId();
  const queries = useQueryClient();
  return async (name, permissions) => {
    await call(
      api.PUT("/api/v1/{client_id}/roles/{name}", {
        params: { path: { client_id: clientId, name } },
        body: { permissions },
      }),
    );
    await queries.invalidateQueries({ queryKey: rolesKey(clientId) });
  };
}
