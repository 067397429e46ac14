// The command that signs a first user up, ready to run, and what it answers.
import { useState } from "react";
import { CodeBlock } from "@/design/Copy";
import { texts } from "@/texts";
import { signupCommand } from "./curl";

const words = texts.onboarding.result;

/** `accessKey`: the key itself, or a variable of the shell that holds it. */
export function FirstSignup({ clientId, accessKey }: { clientId: string; accessKey: string }) {
  const [command] = useState(() => signupCommand(clientId, accessKey));
  return (
    <div className="flex flex-col gap-3">
      <CodeBlock name={words.command} code={command} />
      <div className="text-sm">
        <h3 className="font-semibold">{words.expect}</h3>
        <p className="max-w-prose text-quiet">{words.expectText}</p>
      </div>
    </div>
  );
}
