// Who of a client gets in: suspending, logging out, and a new access key for a client that lost its own.
import { type ReactNode, useState } from "react";
import { api, call } from "@/api/client";
import { Button } from "@/design/Button";
import { SecretOnce } from "@/design/Copy";
import { ConfirmButton } from "@/design/Dialog";
import { GraceField, graceOf } from "@/design/GraceField";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, useChangeClient } from "./clientQueries";

const words = texts.clients;

/** What an operator does about the access of a client; the platform is never suspended and has no access key. */
export function ClientAccess({ client, isPlatform }: { client: Client; isPlatform: boolean }) {
  const [newKey, setNewKey] = useState<string | null>(null);
  return (
    <Section title={words.access}>
      {newKey !== null && (
        <div role="status" className="mb-4 flex flex-col items-start gap-2">
          <SecretOnce title={words.newKeyDone(client.client_name)} secret={newKey}>
            {words.newKeyOnce}
          </SecretOnce>
          <Button small onClick={() => setNewKey(null)}>
            {words.newKeyStored}
          </Button>
        </div>
      )}
      <div className="divide-y divide-line text-sm">
        {!isPlatform && <Suspension client={client} />}
        {!isPlatform && <NewKey client={client} onKey={setNewKey} />}
        <LoggingOut client={client} isPlatform={isPlatform} />
      </div>
    </Section>
  );
}

function Suspension({ client }: { client: Client }) {
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  if (client.status === "suspended") {
    return (
      <Deed about={words.reactivateAbout}>
        <ConfirmButton
          label={words.reactivate}
          title={words.reactivateTitle(client.client_name)}
          confirm={words.reactivate}
          look="secondary"
          onConfirm={async () => {
            await change({ status: "active" });
            tell(words.reactivatedNow);
          }}
        >
          {words.reactivateSays}
        </ConfirmButton>
      </Deed>
    );
  }
  return (
    <Deed about={words.suspendAbout}>
      <ConfirmButton
        label={words.suspend}
        title={words.suspendTitle(client.client_name)}
        confirm={words.suspend}
        onConfirm={async () => {
          await change({ status: "suspended" });
          tell(words.suspendedNow);
        }}
      >
        {words.suspendSays.map((says) => (
          <p key={says}>{says}</p>
        ))}
      </ConfirmButton>
    </Deed>
  );
}

function NewKey({ client, onKey }: { client: Client; onKey: (key: string) => void }) {
  return (
    <Deed about={words.newKeyAbout}>
      <ConfirmButton
        label={words.newKey}
        title={words.newKeyTitle(client.client_name)}
        confirm={words.newKey}
        look="secondary"
        onConfirm={async (values) => {
          const issued = await call(
            api.POST("/api/v1/clients/{client_id}/access-key/rotate", {
              params: { path: { client_id: client.client_id } },
              body: { grace_seconds: graceOf(values) },
            }),
          );
          onKey(issued.access_key);
        }}
      >
        <p>{words.newKeySays}</p>
        <GraceField label={words.newKeyGrace} first="none" />
      </ConfirmButton>
    </Deed>
  );
}

function LoggingOut({ client, isPlatform }: { client: Client; isPlatform: boolean }) {
  const tell = useToast();
  return (
    <Deed about={words.logOutAbout}>
      <ConfirmButton
        label={words.logOut}
        title={words.logOutTitle(client.client_name)}
        confirm={words.logOut}
        onConfirm={async () => {
          const path = { client_id: client.client_id };
          const { revoked } = await call(
            api.POST("/api/v1/clients/{client_id}/sessions/revoke-all", { params: { path } }),
          );
          tell(words.loggedOut(revoked));
        }}
      >
        <p>{words.logOutSays}</p>
        {isPlatform && <p className="font-semibold">{words.logOutSelf}</p>}
      </ConfirmButton>
    </Deed>
  );
}

function Deed({ about, children }: { about: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3 first:pt-0 last:pb-0">
      <p className="max-w-prose">{about}</p>
      {children}
    </div>
  );
}
