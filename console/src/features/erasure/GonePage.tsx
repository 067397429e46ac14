// A client that is not found by its id: one that is just being erased, one that was, or none at all.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, call, type Schema } from "@/api/client";
import { findInPages } from "@/api/lists";
import { useClientId } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Form } from "@/design/Form";
import { Loaded } from "@/design/Loaded";
import { Page } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { ErasedParts } from "./ErasedParts";
import { ErasurePage } from "./ErasurePage";
import { type Erasure, eraseClient } from "./erasing";

const words = texts.erasure;
const ERASED = "client.erased";
const PAGE = 100;

type Found =
  | { is: "erasing"; client: Schema<"ClientView"> }
  | { is: "erased"; told: Told; at: string }
  | { is: "unknown" };

/** What the platform's audit log keeps of an erasure. */
interface Told {
  client_id: string;
  slug: string;
  deleted: Record<string, number>;
  receipt: string;
}

/** Says what has become of a client that is not found. */
export function GonePage({ clientId, back }: { clientId: string; back: ReactNode }) {
  const platform = useClientId();
  const [erasure, setErasure] = useState<Erasure | null>(null);
  const query = useQuery({
    queryKey: ["erasure", "gone", clientId],
    queryFn: ({ signal }) => find(platform, clientId, signal),
  });
  const found = query.data;
  if (erasure && found?.is === "erasing") {
    const { client_name, slug } = found.client;
    return <ErasurePage clientId={clientId} slug={slug} name={client_name} begun={erasure} back={back} />;
  }
  if (found?.is === "erasing") {
    return <Going client={found.client} back={back} onErasure={setErasure} />;
  }
  if (found?.is === "erased") {
    return (
      <Page
        title={words.done(found.told.slug)}
        lead={
          <>
            {words.doneLead} {words.erasedAt} <Time at={found.at} />.
          </>
        }
        actions={back}
      >
        <ErasedParts slug={found.told.slug} erased={found.told} />
      </Page>
    );
  }
  return (
    <Page title={words.goneTitle} actions={back}>
      <Loaded query={query} lines={2}>
        {() => (
          <p className="text-sm">
            {words.gone} <TextLink to={`/audit?action=${ERASED}`}>{words.inAudit}</TextLink>
          </p>
        )}
      </Loaded>
    </Page>
  );
}

function Going({
  client,
  back,
  onErasure,
}: {
  client: Schema<"ClientView">;
  back: ReactNode;
  onErasure: (erasure: Erasure) => void;
}) {
  return (
    <Page title={words.running(client.client_name)} lead={words.runningLead} actions={back}>
      <Form send={words.howFar} onSend={async () => onErasure(await eraseClient(client.client_id, client.slug))}>
        <p className="text-sm">{words.unknownProgress}</p>
      </Form>
    </Page>
  );
}

async function find(platform: string, clientId: string, signal: AbortSignal): Promise<Found> {
  const client = await findInPages(
    (at) => call(api.GET("/api/v1/clients", { params: { query: { status: "erasing", limit: PAGE, ...at } }, signal })),
    (one) => one.client_id === clientId,
  );
  if (client) return { is: "erasing", client };
  const path = { client_id: platform };
  const entry = await findInPages(
    (at) => {
      const query = { action: ERASED, limit: PAGE, ...at };
      return call(api.GET("/api/v1/{client_id}/audit-logs", { params: { path, query }, signal }));
    },
    (one) => one.detail.client_id === clientId,
  );
  return entry ? { is: "erased", told: entry.detail as unknown as Told, at: entry.timestamp } : { is: "unknown" };
}
