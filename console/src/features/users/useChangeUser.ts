// Changing a user, and what is shown of it afterwards.
import { useQueryClient } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { useClientId, useSessionState } from "@/api/session";

type User = Schema<"UserView">;

/** Return what changes fields of a user; what it answers stands on the page at once. */
export function useChangeUser(userId: string): (change: Schema<"UserChange">) => Promise<User> {
  const clientId = useClientId();
  const refresh = useRefreshUser(userId);
  const queries = useQueryClient();
  const { renew } = useSessionState();
  return async (change) => {
    const user = await call(
      api.PATCH("/api/v1/{client_id}/users/{user_id}", {
        params: { path: { client_id: clientId, user_id: userId } },
        body: change,
      }),
    );
    queries.setQueryData(["users", clientId, userId], user);
    renew((present) => (present.user.user_id === userId ? { ...present, user } : present));
    void refresh();
    return user;
  };
}

/** Return what reads the lists anew in which a user, its sessions or its events stand. */
export function useRefreshUser(userId: string): () => Promise<unknown> {
  const clientId = useClientId();
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ["users", clientId, "list"] }),
      queries.invalidateQueries({ queryKey: ["users", clientId, userId, "sessions"] }),
      queries.invalidateQueries({ queryKey: ["users", clientId, userId, "events"] }),
    ]);
}
