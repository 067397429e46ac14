// Erasing a client by call: the same call begins it, goes on with it, tells how far it is and answers the receipt.
import { api, call, type Schema } from "@/api/client";

export type Erasure = Schema<"Erased"> | Schema<"Erasing">;
export type Erased = Schema<"Erased">;

/** Erase a client, or ask how far its erasure is; `slug` names it a second time. */
export function eraseClient(clientId: string, slug: string): Promise<Erasure> {
  return call<Erasure>(
    api.DELETE("/api/v1/clients/{client_id}", {
      params: { path: { client_id: clientId }, query: { confirm: slug } },
    }),
  );
}

/** Whether nothing of the client is left. */
export function isErased(erasure: Erasure): erasure is Erased {
  return "receipt" in erasure;
}

/** How much of an erasure is done, as a number of rows. */
export function sumOf(deleted: Record<string, number>): number {
  return Object.values(deleted).reduce((sum, count) => sum + count, 0);
}
