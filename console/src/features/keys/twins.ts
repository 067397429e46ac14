// What the service tells of the keys that a rotation ties together.
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { LATEST, readLatest } from "@/api/audit";
import { api, call, type Schema } from "@/api/client";
import { useClientId } from "@/api/session";
import type { Key } from "./keys";
import { ROTATED, replacedBy, rotationInto } from "./succession";

type Entry = Schema<"AuditLog">;
interface KeyPage {
  items: Key[];
  next_cursor: string | null;
}

const PAGE = 100;
/** No replaced key works longer than a day after its rotation, which is when the new one was made; an hour to spare. */
const OVERLAP_MS = 25 * 3600 * 1000;
const AROUND_MS = 5_000;
const CREATED = "key.create";

/** Read the keys that a key replaced and that still work. Nothing is asked once none of them can. */
export function useOlder(of: Key): UseQueryResult<Key[]> {
  const clientId = useClientId();
  return useQuery({
    queryKey: ["keys", clientId, of.key_id, "older"],
    queryFn: async () => replacedBy(await readOpen(clientId, of), of),
    enabled: of.replaced_by === null && Date.now() - Date.parse(of.created_at) < OVERLAP_MS,
  });
}

async function readOpen(clientId: string, { kind, user_id }: Key): Promise<Key[]> {
  const path = { client_id: clientId };
  const wanted = { status: "active", kind, limit: PAGE, ...(user_id && { user_id }) } as const;
  const found: Key[] = [];
  let cursor: string | null = null;
  do {
    const query = { ...wanted, ...(cursor !== null && { cursor }) };
    const page: KeyPage = await call(api.GET("/api/v1/{client_id}/keys", { params: { path, query } }));
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

/** Read the newest rows of the audit log about a key, and the rotation that it came from. */
export async function readHistory(clientId: string, of: Key): Promise<Entry[]> {
  const entries = await readLatest(clientId, { key_id: of.key_id });
  if (entries.length >= LATEST || entries.some((entry) => entry.action === CREATED)) return entries;
  const made = Date.parse(of.created_at);
  const query = {
    action: ROTATED,
    since: new Date(made - AROUND_MS).toISOString(),
    until: new Date(made + AROUND_MS).toISOString(),
    limit: PAGE,
  };
  const params = { path: { client_id: clientId }, query };
  const near = await call(api.GET("/api/v1/{client_id}/audit-logs", { params }));
  const rotation = rotationInto(of, near.items);
  return rotation ? [...entries, rotation] : entries;
}
