// Passkeys by the browser's own JSON API: what the service asks goes in, what it wants to be told comes out.
import type { Schema } from "@/api/client";
import { ApiProblem } from "@/api/problems";
import { formatDevice } from "@/design/device";
import { texts } from "@/texts";

/** A browser's answer in the form that the service takes. */
export type Credential = Record<string, unknown>;

/** Whether this browser can make and use passkeys. */
export function hasPasskeys(): boolean {
  return (
    typeof PublicKeyCredential !== "undefined" &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function" &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"
  );
}

/** Have the browser make a passkey; throws an ApiProblem that says why there is none. */
export function makePasskey(options: Schema<"PasskeyCreationOptions">): Promise<Credential> {
  return answered(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
      options as PublicKeyCredentialCreationOptionsJSON,
    );
    return navigator.credentials.create({ publicKey });
  });
}

/** Have the browser prove by a passkey who is there; throws an ApiProblem that says why it did not. */
export function askPasskey(options: Schema<"PasskeyRequestOptions">): Promise<Credential> {
  return answered(async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
    return navigator.credentials.get({ publicKey });
  });
}

/** The name that a passkey made here would go by. */
export function proposedName(): string {
  return texts.accounts.passkeys.defaultName(formatDevice(navigator.userAgent));
}

async function answered(ceremony: () => Promise<globalThis.Credential | null>): Promise<Credential> {
  try {
    const made = await ceremony();
    if (made instanceof PublicKeyCredential) return made.toJSON() as Credential;
    throw new DOMException("", "NotAllowedError");
  } catch (error) {
    throw new ApiProblem(0, "passkey_refused", reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  const words = texts.accounts.passkeys;
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return words.cancelled;
  if (name === "InvalidStateError") return words.exists;
  if (name === "SecurityError") return words.otherAddress;
  return words.unusable;
}
