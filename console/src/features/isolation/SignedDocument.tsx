// The report as a document that anybody can check without the service.
import { Button } from "@/design/Button";
import { Command } from "@/design/Command";
import { CopyButton } from "@/design/CopyButton";
import { Section } from "@/design/Page";
import { saveFile } from "@/design/saveFile";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.isolation;
const MEDIA = "application/jose";

/** The signed text to take away, and how to check it. */
export function SignedDocument({ text, measuredAt }: { text: string; measuredAt: string }) {
  const tell = useToast();
  const name = `isolation-report-${measuredAt.slice(0, 10)}.jws`;
  return (
    <Section title={words.document} lead={words.documentLead}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap items-center gap-3">
          <Button
            look="primary"
            onClick={() => {
              saveFile(name, text, MEDIA);
              tell(words.saved);
            }}
          >
            {words.download}
          </Button>
          <CopyButton text={text} label={words.copy} />
        </div>
        <div className="flex flex-col gap-2 text-sm">
          <h3 className="font-semibold">{words.verify}</h3>
          <p className="max-w-prose">{words.verifyLead}</p>
          <Command anywhere name={words.command} says={`documents verify ${name} --jwks keys.json`} />
          <p className="text-quiet">{words.anyLibrary}</p>
        </div>
      </div>
    </Section>
  );
}
