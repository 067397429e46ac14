// The dialog in which a key is changed.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Form, type Values } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { ExpiryField, LimitFields, NameField, PlaceFields, ScopeChoice } from "./KeyFields";
import { changesOf, expiryOf, settingsOf } from "./keyForm";
import type { Key } from "./keys";

const words = texts.keys;

/** Shows the settings of a key and sends those that were changed. */
export function EditKey({ of, onClose }: { of: Key; onClose: () => void }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const tell = useToast();
  const [scopes, setScopes] = useState(of.scopes);
  const publishable = of.kind === "publishable";

  async function save(values: Values) {
    const expiry = expiryOf(values);
    const changes = changesOf(of, settingsOf(values, scopes));
    const body = { ...changes, ...(expiry === undefined ? {} : { expires_in_days: expiry }) };
    const path = { client_id: clientId, key_id: of.key_id };
    if (Object.keys(body).length > 0) {
      await call(api.PATCH("/api/v1/{client_id}/keys/{key_id}", { params: { path }, body }));
      await queries.invalidateQueries({ queryKey: ["keys", clientId] });
      tell(texts.common.saved);
    }
    onClose();
  }

  return (
    <Dialog title={words.editTitle} onClose={onClose}>
      <Form onSend={save} send={texts.common.save} actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}>
        <NameField value={of.name} />
        {!publishable && <ScopeChoice chosen={scopes} onChoose={setScopes} />}
        <ExpiryField keep />
        <LimitFields of={of} own={of.user_id !== null} />
        <PlaceFields of={of} publishable={publishable} />
      </Form>
    </Dialog>
  );
}
