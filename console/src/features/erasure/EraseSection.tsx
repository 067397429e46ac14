// Where a client is erased: last on its page, after its slug was typed.
import { ConfirmButton } from "@/design/Dialog";
import { Section } from "@/design/Page";
import { texts } from "@/texts";
import { type Erasure, eraseClient } from "./erasing";

const words = texts.erasure;

/** Says what erasing means, and does it; `onErased` gets how far it came with the first call. */
export function EraseSection({
  client,
  onErased,
}: {
  client: { client_id: string; client_name: string; slug: string };
  onErased: (erasure: Erasure) => void;
}) {
  return (
    <Section title={words.title}>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 text-sm">
        <p className="max-w-prose">{words.about}</p>
        <ConfirmButton
          label={words.button}
          title={words.ask(client.client_name)}
          confirm={words.confirm}
          typed={client.slug}
          onConfirm={async () => onErased(await eraseClient(client.client_id, client.slug))}
        >
          {words.says.map((says) => (
            <p key={says}>{says}</p>
          ))}
          <p>{words.exportFirst}</p>
        </ConfirmButton>
      </div>
    </Section>
  );
}
