// The page of one client, for operators: what it is, how it does, and what can be done about it.
import { type ReactNode, useState } from "react";
import { useParams } from "react-router";
import { asProblem } from "@/api/problems";
import { useClientId } from "@/api/session";
import { ButtonLink, TextLink } from "@/design/Button";
import { Badge, Notice } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Page } from "@/design/Page";
import { EraseSection } from "@/features/erasure/EraseSection";
import { ErasurePage } from "@/features/erasure/ErasurePage";
import type { Erasure } from "@/features/erasure/erasing";
import { GonePage } from "@/features/erasure/GonePage";
import { texts } from "@/texts";
import { ClientAccess } from "./ClientAccess";
import { ClientActivity } from "./ClientActivity";
import { ClientFacts } from "./ClientFacts";
import { ClientIsolation } from "./ClientIsolation";
import { ClientLimits } from "./ClientLimits";
import { ClientSettingLevels } from "./ClientSettingLevels";
import { ClientStatus } from "./ClientStatus";
import { ClientStorage } from "./ClientStorage";
import { type Client, useClient } from "./clientQueries";

const words = texts.clients;

/** The page of the client that the address names. */
export function ClientPage() {
  const { client_id = "" } = useParams();
  return <OneClient key={client_id} clientId={client_id} />;
}

function OneClient({ clientId }: { clientId: string }) {
  const [erased, setErased] = useState<{ client: Client; erasure: Erasure } | null>(null);
  const query = useClient(clientId, erased === null);
  if (erased) {
    const { client_name, slug } = erased.client;
    return <ErasurePage clientId={clientId} slug={slug} name={client_name} begun={erased.erasure} back={<Back />} />;
  }
  if (query.error && asProblem(query.error).status === 404) return <GonePage clientId={clientId} back={<Back />} />;
  return (
    <Page title={query.data?.client_name ?? words.one} lead={<Standing client={query.data} />}>
      <Loaded query={query} lines={14}>
        {(client) => <Parts client={client} onErased={(erasure) => setErased({ client, erasure })} />}
      </Loaded>
    </Page>
  );
}

function Parts({ client, onErased }: { client: Client; onErased: (erasure: Erasure) => void }) {
  const isPlatform = client.client_id === useClientId();
  return (
    <>
      {isPlatform && <Notice title={words.platformTitle}>{words.platformNote}</Notice>}
      {client.status === "suspended" && (
        <Notice tone="warning" title={words.suspendedTitle}>
          {words.suspended}
        </Notice>
      )}
      <Pair>
        <ClientFacts client={client} />
        <ClientIsolation clientId={client.client_id} />
      </Pair>
      <ClientActivity clientId={client.client_id} />
      <ClientLimits client={client} />
      <ClientAccess client={client} isPlatform={isPlatform} />
      <ClientStorage clientId={client.client_id} />
      <ClientSettingLevels client={client} />
      {!isPlatform && <EraseSection client={client} onErased={onErased} />}
    </>
  );
}

function Pair({ children }: { children: ReactNode }) {
  return <div className="grid gap-6 xl:grid-cols-2 [&>*]:min-w-0">{children}</div>;
}

function Standing({ client }: { client: Client | undefined }) {
  const isPlatform = client?.client_id === useClientId();
  return (
    <>
      <TextLink to="/clients">{words.back}</TextLink>
      <span className="mt-2 flex min-h-6 flex-wrap items-center gap-2">
        {client && (
          <>
            <code className="font-mono">{client.slug}</code>
            <ClientStatus status={client.status} />
            {isPlatform && <Badge tone="info">{words.platform}</Badge>}
          </>
        )}
      </span>
    </>
  );
}

function Back() {
  return <ButtonLink to="/clients">{words.back}</ButtonLink>;
}
