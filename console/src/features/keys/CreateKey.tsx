// The dialog in which a key is made.
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, call } from "@/api/client";
import { useClientId, useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Form, type Values } from "@/design/Form";
import { texts } from "@/texts";
import { ExpiryField, LimitFields, NameField, PlaceFields, ScopeChoice } from "./KeyFields";
import { expiryOf, settingsOf } from "./keyForm";
import { handlesAll, type Issued } from "./keys";

const words = texts.keys;
type Kind = "secret" | "publishable";

/** Asks what the key is to be; `onMade` gets it with its secret. */
export function CreateKey({ onMade, onClose }: { onMade: (key: Issued) => void; onClose: () => void }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const all = handlesAll(useSession());
  const [kind, setKind] = useState<Kind>("secret");
  const [scopes, setScopes] = useState<string[]>([]);
  const publishable = kind === "publishable";

  async function create(values: Values) {
    const { usage_limit, allowed_origins, ...rest } = settingsOf(values, publishable ? [] : scopes);
    const body = {
      ...rest,
      kind,
      usage_limit,
      expires_in_days: expiryOf(values) ?? null,
      ...(publishable ? { allowed_origins } : {}),
    };
    const made = await call(api.POST("/api/v1/{client_id}/keys", { params: { path: { client_id: clientId } }, body }));
    void queries.invalidateQueries({ queryKey: ["keys", clientId] });
    onMade(made);
  }

  return (
    <Dialog title={all ? words.createTitle : words.createOwnTitle} onClose={onClose}>
      <Form onSend={create} send={words.create} actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}>
        <NameField />
        {all && <KindChoice kind={kind} onChoose={setKind} />}
        {!publishable && <ScopeChoice chosen={scopes} onChoose={setScopes} />}
        <ExpiryField />
        <LimitFields own={!all} />
        <PlaceFields publishable={publishable} />
      </Form>
    </Dialog>
  );
}

const KINDS: [kind: Kind, name: string, hint: string][] = [
  ["secret", words.kindSecret, words.kindSecretHint],
  ["publishable", words.kindPublishable, words.kindPublishableHint],
];

function KindChoice({ kind, onChoose }: { kind: Kind; onChoose: (kind: Kind) => void }) {
  const id = useId();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">{words.kind}</legend>
      {KINDS.map(([value, name, hint]) => (
        <label key={value} className="flex gap-3 rounded-lg border border-line p-3 text-sm has-checked:border-accent">
          <input
            type="radio"
            name={`${id}-kind`}
            checked={kind === value}
            onChange={() => onChoose(value)}
            className="mt-1 size-4 shrink-0 accent-accent"
          />
          <span>
            <span className="font-medium">{name}</span>
            <span className="block text-quiet">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
