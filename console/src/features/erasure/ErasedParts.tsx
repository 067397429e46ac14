// What is left of a client that was erased: the counts, and the signed receipt with how to check it.
import { Button } from "@/design/Button";
import { Command } from "@/design/Command";
import { CopyButton } from "@/design/CopyButton";
import { Section } from "@/design/Page";
import { saveFile } from "@/design/saveFile";
import { texts } from "@/texts";
import { DeletedCounts } from "./DeletedCounts";
import type { Erased } from "./erasing";

const words = texts.erasure;
const JWS = "application/jose";

/** Counts and receipt of a client that had this slug. */
export function ErasedParts({ slug, erased }: { slug: string; erased: Erased }) {
  const file = `erasure-${slug}.jws`;
  return (
    <>
      <Section
        title={words.receipt}
        lead={words.receiptLead}
        actions={
          <>
            <Button small look="primary" onClick={() => saveFile(file, erased.receipt, JWS)}>
              {words.download}
            </Button>
            <CopyButton text={erased.receipt} label={words.copyReceipt} />
          </>
        }
      >
        <div className="flex flex-col gap-4">
          <p className="text-sm font-medium">{words.verify}</p>
          <Command name={words.verifyHere} says={`clients verify-erasure ${file}`} />
          <Command anywhere name={words.verifyAnywhere} says={`documents verify ${file} --jwks keys.json`} />
          <details className="text-sm">
            <summary className="text-quiet">{words.showReceipt}</summary>
            <p className="mt-2 font-mono text-xs break-all">{erased.receipt}</p>
          </details>
        </div>
      </Section>
      <Section title={words.counts}>
        <DeletedCounts deleted={erased.deleted} />
      </Section>
    </>
  );
}
