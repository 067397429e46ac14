// What stands below the list while nobody but the reader is in it: how people get in.
import { useClientId } from "@/api/session";
import { CodeBlock } from "@/design/Copy";
import { texts } from "@/texts";

const words = texts.users;

/** How the first users come: by sign-up, added by hand, or imported. */
export function FirstUsers() {
  const line = [
    `curl ${location.origin}/api/v1/${useClientId()}/signup \\`,
    "  -H 'Authorization: Bearer YOUR_KEY' -H 'Content-Type: application/json' \\",
    `  -d '{"email": "ada@example.com", "password": "correct horse battery"}'`,
  ].join("\n");
  return (
    <div className="flex flex-col gap-3 rounded-xl border border-dashed border-edge p-4 sm:p-6">
      <p className="font-semibold">{words.alone}</p>
      <p className="max-w-prose text-sm text-quiet">{words.aloneLead}</p>
      <CodeBlock code={line} name={words.signUpLine} />
    </div>
  );
}
