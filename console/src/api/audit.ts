// The newest rows of the audit log about one thing.
import { api, call, type Schema } from "./client";

export const LATEST = 10;

/** Read the newest ten rows about a user or a key. */
export async function readLatest(
  clientId: string,
  about: { user_id: string } | { key_id: string },
): Promise<Schema<"AuditLog">[]> {
  const params = { path: { client_id: clientId }, query: { ...about, limit: LATEST } };
  return (await call(api.GET("/api/v1/{client_id}/audit-logs", { params }))).items;
}
