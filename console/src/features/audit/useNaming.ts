// Finding out what the people and keys in entries are called. The service names them by id: names come from the entries
// themselves and from the service, which is asked for all that is not known yet in one call, never in one per entry.
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, call } from "@/api/client";
import { may, useClientId, useSession } from "@/api/session";
import type { Entry } from "./entries";
import { type Ask, gathered } from "./gathered";
import { idsIn, type Known, keysToldIn, type Naming, namingOf } from "./naming";

const MOST_ASKED = 100;
const KEPT_MS = 300_000;

/** Return the names of whom and what entries name. */
export function useNaming(entries: Entry[]): Naming {
  const session = useSession();
  const clientId = useClientId();
  const asks = useMemo(() => asksFor(clientId), [clientId]);
  const me = session.user.user_id;
  const users = useKnown(["users", clientId, "names"], asks.user, {
    ids: idsIn(entries, "user").filter((id) => id !== me),
    enabled: may(session, "users:read"),
  });
  const keys = useKnown(["keys", clientId, "names"], asks.key, {
    ids: idsIn(entries, "key"),
    enabled: may(session, "keys:read"),
  });
  return namingOf(session, users, keys, keysToldIn(entries));
}

/** Return what asks the service for names of users and of keys. */
function asksFor(client_id: string) {
  const user: Ask = async (ids) => {
    const query = { user_id: ids.join(","), limit: MOST_ASKED };
    const page = await call(api.GET("/api/v1/{client_id}/users", { params: { path: { client_id }, query } }));
    return page.items.map((one) => [one.user_id, one.email]);
  };
  const key: Ask = async (ids) => {
    const query = { key_id: ids.join(","), limit: MOST_ASKED };
    const page = await call(api.GET("/api/v1/{client_id}/keys", { params: { path: { client_id }, query } }));
    return page.items.map((one) => [one.key_id, one.name]);
  };
  return { user: gathered(user, MOST_ASKED), key: gathered(key, MOST_ASKED) };
}

/** Ask for the names that are not known yet. */
function useKnown(
  queryKey: readonly string[],
  ask: (id: string) => Promise<string | null>,
  { ids, enabled }: { ids: string[]; enabled: boolean },
): Known {
  const queries = ids.map((id) => ({
    queryKey: [...queryKey, id],
    queryFn: () => ask(id),
    enabled,
    staleTime: KEPT_MS,
  }));
  const read = useQueries({ queries });
  return new Map(ids.flatMap((id, at) => (read[at]?.data === undefined ? [] : [[id, read[at].data]])));
}
