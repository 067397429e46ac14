// Who a client is.
import { CopyableId } from "@/design/Copy";
import { Facts, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import type { Client } from "./clientQueries";

const words = texts.clients;

/** Its id, names and addresses. */
export function ClientFacts({ client }: { client: Client }) {
  return (
    <Section title={words.facts}>
      <Facts
        facts={[
          [words.clientId, <CopyableId key="id" id={client.client_id} />],
          [words.created, <Time key="created" at={client.created_at} exact />],
          [words.industry, client.industry],
          [words.domain, client.domain],
          [words.contact, client.contact_email],
          [
            words.docs,
            <a
              key="docs"
              href={`/docs/${client.client_id}`}
              className="text-accent underline underline-offset-2 hover:decoration-2"
            >
              {words.openDocs}
            </a>,
          ],
        ]}
      />
    </Section>
  );
}
