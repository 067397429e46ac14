// The dialog in which a key is replaced by a new one.
import { useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Form, type Values } from "@/design/Form";
import { GraceField, graceOf } from "@/design/GraceField";
import { texts } from "@/texts";
import type { Issued, Key } from "./keys";

const words = texts.keys;

/** Asks how long the old key goes on working; `onMade` gets the new one with its secret. */
export function RotateKey({ of, onMade, onClose }: { of: Key; onMade: (key: Issued) => void; onClose: () => void }) {
  const clientId = useClientId();
  const queries = useQueryClient();

  async function rotate(values: Values) {
    const path = { client_id: clientId, key_id: of.key_id };
    const body = { grace_seconds: graceOf(values) };
    const made = await call(api.POST("/api/v1/{client_id}/keys/{key_id}/rotate", { params: { path }, body }));
    void queries.invalidateQueries({ queryKey: ["keys", clientId] });
    onMade(made);
  }

  return (
    <Dialog title={words.rotateTitle} onClose={onClose}>
      <Form onSend={rotate} send={words.rotateSend} actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}>
        <p className="text-sm">{words.rotateText}</p>
        <GraceField label={words.grace} />
      </Form>
    </Dialog>
  );
}
