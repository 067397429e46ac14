// The client's access key: what it is, how old it is, and its rotation.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { may, useClientId, useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Form, type Values } from "@/design/Form";
import { GraceField, graceOf } from "@/design/GraceField";
import { Loaded } from "@/design/Loaded";
import { Facts, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { TypedField } from "@/design/TypedField";
import { texts } from "@/texts";
import { IssuedSecret } from "./IssuedKey";

const words = texts.keys.access;

/** The section about the access key, for admins. */
export function AccessKey() {
  const clientId = useClientId();
  const [asking, setAsking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const seesLog = may(useSession(), "audit:read");
  const age = useQuery({
    queryKey: ["keys", clientId, "access"],
    queryFn: () => readAge(clientId),
    enabled: seesLog,
  });
  return (
    <Section
      title={words.title}
      lead={words.lead}
      actions={
        <Button small look="caution" onClick={() => setAsking(true)}>
          {words.rotate}
        </Button>
      }
    >
      {secret ? (
        <IssuedSecret title={words.issued} secret={secret} onDone={() => setSecret(null)} />
      ) : !seesLog ? (
        <p className="text-sm text-quiet">{words.ageInLog}</p>
      ) : (
        <Loaded query={age} lines={1}>
          {({ at, rotated }) => (
            <Facts
              facts={[
                [
                  words.made,
                  <span key="made">
                    <Time at={at} exact />, {rotated ? words.byRotation : words.atRegistration}
                  </span>,
                ],
              ]}
            />
          )}
        </Loaded>
      )}
      {asking && (
        <RotateAccessKey
          onClose={() => setAsking(false)}
          onRotated={(made) => {
            setAsking(false);
            setSecret(made);
          }}
        />
      )}
    </Section>
  );
}

/** When the access key was made: by its last rotation, else with the client. */
async function readAge(clientId: string): Promise<{ at: string; rotated: boolean }> {
  const path = { client_id: clientId };
  const query = { action: "access_key.rotate", status: "success" as const, limit: 1 };
  const rotations = await call(api.GET("/api/v1/{client_id}/audit-logs", { params: { path, query } }));
  const last = rotations.items[0];
  if (last) return { at: last.timestamp, rotated: true };
  const client = await call(api.GET("/api/v1/clients/{client_id}", { params: { path } }));
  return { at: client.created_at, rotated: false };
}

function RotateAccessKey({ onClose, onRotated }: { onClose: () => void; onRotated: (secret: string) => void }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const typed = useSession().client.slug;

  async function rotate(values: Values) {
    const path = { client_id: clientId };
    const body = { grace_seconds: graceOf(values) };
    const made = await call(api.POST("/api/v1/{client_id}/access-key/rotate", { params: { path }, body }));
    void queries.invalidateQueries({ queryKey: ["keys", clientId, "access"] });
    onRotated(made.access_key);
  }

  return (
    <Dialog title={words.rotateTitle} onClose={onClose}>
      <Form
        send={words.rotate}
        look="danger"
        onSend={rotate}
        actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}
      >
        <p className="text-sm">{words.rotateText}</p>
        <GraceField label={words.grace} />
        <TypedField word={typed} />
      </Form>
    </Dialog>
  );
}
