// A command of the service, as it is typed in the folder of a checkout.
import { texts } from "@/texts";
import { CodeBlock } from "./Copy";

/** `says` is what follows `flask`; `anywhere`: it needs no settings. */
export function Command({ name, says, anywhere = false }: { name: string; says: string; anywhere?: boolean }) {
  return (
    <div>
      <CodeBlock name={name} code={`.venv/bin/flask ${says}`} />
      <p className="mt-1 text-sm text-quiet">{anywhere ? texts.common.runAnywhere : texts.common.runOnServer}</p>
    </div>
  );
}
