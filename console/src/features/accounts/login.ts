// The calls of a login, and what an answer asks for next.
import { api, call, type Schema } from "@/api/client";
import type { ApiProblem } from "@/api/problems";
import type { Session } from "@/api/session";
import { namedClient } from "@/api/slugs";
import { askPasskey, type Credential } from "./passkeys";

export interface Proof {
  client: string;
  email: string;
  password: string;
}

export interface Offer {
  name: "factor";
  methods: string[];
  /** For a passkey as the second factor, where there is one. */
  passkeyOptions: Schema<"PasskeyRequestOptions"> | null;
}

/** What a right password may lead to, besides a session. */
export type Asked = Offer | { name: "enrol"; clientId: string };

/** Log in by a password; throws an ApiProblem, of which stepAfter() tells whether it leads on. */
export function logIn(proof: Proof): Promise<Session> {
  return call(api.POST("/api/v1/console/session", { body: { ...proof, client: namedClient(proof.client) } }));
}

/** Complete a login by a second factor. */
export function completeLogin(factor: { code: string } | { credential: Credential }): Promise<Session> {
  return call(api.POST("/api/v1/console/session/mfa", { body: factor }));
}

/** Log in by a passkey alone. */
export async function logInByPasskey(typed: string): Promise<Session> {
  const client = namedClient(typed);
  const options = await call(api.POST("/api/v1/console/session/passkey/options", { body: { client } }));
  const credential = await askPasskey(options);
  return call(api.POST("/api/v1/console/session/passkey", { body: { client, credential } }));
}

/** Have a link mailed that sets a new password; the same comes of it where nobody has the address. */
export async function mailNewPassword(client: string, email: string): Promise<void> {
  await call(api.POST("/api/v1/console/password/forgot", { body: { client: namedClient(client), email } }));
}

/** Have the link mailed again that confirms an address. */
export async function mailConfirmation(client: string, email: string): Promise<void> {
  await call(api.POST("/api/v1/console/email/resend", { body: { client: namedClient(client), email } }));
}

/** Return the step that a refusal asks for; null where it is the end of the try. */
export function stepAfter({ code, members }: ApiProblem): Asked | null {
  if (code === "mfa_enrollment_required") return { name: "enrol", clientId: String(members.client_id) };
  if (code !== "mfa_required") return null;
  return {
    name: "factor",
    methods: Array.isArray(members.methods) ? members.methods.map(String) : [],
    passkeyOptions: (members.passkey_options ?? null) as Offer["passkeyOptions"],
  };
}
