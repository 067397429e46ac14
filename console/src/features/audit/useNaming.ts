// Finding out what the people and keys in entries are called. The service names them by id: names come from the entries
// themselves and from one reading each of the newest users and keys, never from a call per entry.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, call } from "@/api/client";
import { may, useClientId, useSession } from "@/api/session";
import { aboutOf } from "./about";
import type { Entry } from "./entries";
import { type Known, keysToldIn, type Naming, namingOf } from "./naming";
import { isNamed, type Named } from "./parts";
import { whoOf } from "./who";

const MOST_READ = 100;
const KEPT_MS = 300_000;

/** Return the names of whom and what entries name. */
export function useNaming(entries: Entry[]): Naming {
  const session = useSession();
  const clientId = useClientId();
  const path = { client_id: clientId };
  const query = { limit: MOST_READ };
  const users = useKnown("user", entries, may(session, "users:read"), ["users", clientId, "names"], async () => {
    const page = await call(api.GET("/api/v1/{client_id}/users", { params: { path, query } }));
    return { named: page.items.map((one) => [one.user_id, one.email]), isAll: page.next_cursor === null };
  });
  const keys = useKnown("key", entries, may(session, "keys:read"), ["keys", clientId, "names"], async () => {
    const page = await call(api.GET("/api/v1/{client_id}/keys", { params: { path, query } }));
    return { named: page.items.map((one) => [one.key_id, one.name]), isAll: page.next_cursor === null };
  });
  return namingOf(session, users, keys, keysToldIn(entries));
}

interface Read {
  named: [id: string, name: string][];
  isAll: boolean;
}

/** Read names once there is an entry that wants one, and again when a later entry names somebody who is not known. */
function useKnown(
  kind: Named["kind"],
  entries: Entry[],
  allowed: boolean,
  queryKey: readonly string[],
  queryFn: () => Promise<Read>,
): Known {
  const me = useSession().user.user_id;
  const wanting = (known: ReadonlyMap<string, string>) =>
    entries.filter((entry) =>
      [...whoOf(entry), ...aboutOf(entry)].some(
        (part) => isNamed(part) && part.kind === kind && part.id !== me && !known.has(part.id),
      ),
    );
  const read = useQuery({ queryKey, queryFn, enabled: allowed && wanting(new Map()).length > 0, staleTime: KEPT_MS });
  const names = new Map(read.data?.named);
  const newest = wanting(names)[0];
  const isLater = newest !== undefined && read.isSuccess && Date.parse(newest.timestamp) > read.dataUpdatedAt;
  const { refetch } = read;
  useEffect(() => {
    if (isLater) void refetch();
  }, [isLater, refetch]);
  return { names, isAll: (read.data?.isAll ?? false) && !isLater };
}
