// Recovery codes, which are shown once: to copy or to keep as a file, and a box to tick before one goes on.
import { useState } from "react";
import { Button } from "@/design/Button";
import { CopyButton } from "@/design/CopyButton";
import { Notice } from "@/design/Feedback";
import { CheckboxField, Form } from "@/design/Form";
import { SecretGuard } from "@/design/LeaveGuard";
import { saveFile } from "@/design/saveFile";
import { texts } from "@/texts";

const words = texts.accounts.codes;

/** Shows the codes; `onDone` is called once they are said to be stored. No codes: there is only the way on. */
export function RecoveryCodes({
  codes,
  client = "",
  goOn = words.goOn,
  onDone,
}: {
  codes: string[];
  client?: string;
  goOn?: string;
  onDone: () => unknown;
}) {
  const [taken, setTaken] = useState(false);
  const [stored, setStored] = useState(false);
  return (
    <Form send={goOn} onSend={async () => onDone()}>
      {codes.length > 0 && (
        <>
          <Notice tone="warning">
            <p>{words.lead}</p>
            <ul className="my-3 grid gap-x-6 gap-y-1 font-mono text-sm sm:grid-cols-2">
              {codes.map((code) => (
                <li key={code} className="whitespace-nowrap max-sm:text-xs">
                  {code}
                </li>
              ))}
            </ul>
            <div className="flex flex-wrap gap-2">
              <CopyButton text={codes.join("\n")} label={words.copyAll} onCopied={() => setTaken(true)} />
              <Button
                small
                onClick={() => {
                  saveFile(words.file, fileOf(codes, client));
                  setTaken(true);
                }}
              >
                {words.download}
              </Button>
            </div>
            {!taken && !stored && <SecretGuard />}
          </Notice>
          <CheckboxField
            name="stored"
            label={words.stored}
            required
            onChange={(event) => setStored(event.target.checked)}
          />
        </>
      )}
    </Form>
  );
}

function fileOf(codes: string[], client: string): string {
  return [words.fileHead(texts.common.product, client), words.fileNote, "", ...codes, ""].join("\n");
}
