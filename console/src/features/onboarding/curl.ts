// The commands of the first minutes, filled in.
import { texts } from "@/texts";

const { email, name } = texts.onboarding.example;

/** Return the command that signs a first user up; `key` is the access key, or a variable of the shell that holds it. */
export function signupCommand(clientId: string, key: string): string {
  const user = JSON.stringify({ email, full_name: name, password: password() });
  return [
    `curl -X POST ${location.origin}/api/v1/${clientId}/signup`,
    `-H "Authorization: Bearer ${key}"`,
    `-H "Content-Type: application/json"`,
    `-d '${user}'`,
  ].join(" \\\n  ");
}

/** A password that nobody else has: an example that is printed would be everybody's. */
function password(): string {
  const letters = crypto.getRandomValues(new Uint8Array(12));
  return [...letters].map((byte) => (byte % 36).toString(36)).join("");
}
