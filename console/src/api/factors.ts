// What a person has besides the password; the account page, the proof dialog and the settings ask for the same.
import { api, call } from "./client";

/** The key below which everything about one's own account is kept. */
export function ownKey(clientId: string): readonly string[] {
  return ["accounts", clientId];
}

/** The query for one's own second factors. */
export function factorsQuery(clientId: string) {
  return {
    queryKey: [...ownKey(clientId), "factors"],
    queryFn: () => call(api.GET("/api/v1/{client_id}/me/mfa", { params: { path: { client_id: clientId } } })),
  };
}
