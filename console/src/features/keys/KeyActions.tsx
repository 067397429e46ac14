// What can be done with a key, for whoever may do it.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, call } from "@/api/client";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { ConfirmButton } from "@/design/Dialog";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { EditKey } from "./EditKey";
import type { Issued, Key, State } from "./keys";
import { RotateKey } from "./RotateKey";

const words = texts.keys;

/** The buttons of a key: only those that would not be refused for how the key stands. */
export function KeyActions({
  of,
  state,
  isReplaced,
  onRotated,
}: {
  of: Key;
  state: State;
  isReplaced: boolean;
  onRotated: (issued: Issued) => void;
}) {
  const [open, setOpen] = useState<"edit" | "rotate" | null>(null);
  return (
    <>
      {state !== "revoked" && !isReplaced && <Button onClick={() => setOpen("edit")}>{words.edit}</Button>}
      {state === "active" && !isReplaced && <Button onClick={() => setOpen("rotate")}>{words.rotate}</Button>}
      {(state === "active" || state === "rotating") && <RevokeButton of={of} />}
      {open === "edit" && <EditKey of={of} onClose={() => setOpen(null)} />}
      {open === "rotate" && (
        <RotateKey
          of={of}
          onClose={() => setOpen(null)}
          onMade={(issued) => {
            setOpen(null);
            onRotated(issued);
          }}
        />
      )}
    </>
  );
}

function RevokeButton({ of }: { of: Key }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const tell = useToast();
  async function revoke() {
    const path = { client_id: clientId, key_id: of.key_id };
    await call(api.POST("/api/v1/{client_id}/keys/{key_id}/revoke", { params: { path } }));
    await queries.invalidateQueries({ queryKey: ["keys", clientId] });
    tell(words.revoked);
  }
  return (
    <ConfirmButton
      label={words.revoke}
      title={words.revokeTitle}
      confirm={words.revokeSend}
      typed={of.name}
      small={false}
      onConfirm={revoke}
    >
      {words.revokeText}
    </ConfirmButton>
  );
}

/** The button that deletes a key. */
export function DeleteButton({ of }: { of: Key }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const go = useNavigate();
  const tell = useToast();
  async function remove() {
    const path = { client_id: clientId, key_id: of.key_id };
    await call(api.DELETE("/api/v1/{client_id}/keys/{key_id}", { params: { path } }));
    tell(words.deleted);
    await go("/keys");
    queries.removeQueries({ queryKey: ["keys", clientId, of.key_id] });
    void queries.invalidateQueries({ queryKey: ["keys", clientId] });
  }
  return (
    <ConfirmButton
      label={words.delete}
      title={words.deleteTitle}
      confirm={words.deleteSend}
      {...(of.status === "active" ? { typed: of.name } : {})}
      small={false}
      onConfirm={remove}
    >
      {words.deleteText}
    </ConfirmButton>
  );
}
