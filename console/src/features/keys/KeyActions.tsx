// What can be done with a key, for whoever may do it.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, call } from "@/api/client";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { ConfirmButton } from "@/design/Dialog";
import type { Values } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { EditKey } from "./EditKey";
import { OlderToo, WITH_OLDER } from "./KeyTwins";
import type { Issued, Key, State } from "./keys";
import { RotateKey } from "./RotateKey";
import { useOlder } from "./twins";

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

/** Ends a key, and where the person wants it those that it replaced: these first, so that another try finds them. */
function useEnding(of: Key) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const older = useOlder(of);
  const revoke = (key_id: string) => {
    const path = { client_id: clientId, key_id };
    return call(api.POST("/api/v1/{client_id}/keys/{key_id}/revoke", { params: { path } }));
  };
  async function revokeOlder(values: Values) {
    if (values[WITH_OLDER]) for (const { key_id } of older.data ?? []) await revoke(key_id);
  }
  const readAnew = () => queries.invalidateQueries({ queryKey: ["keys", clientId] });
  return { older, revoke, revokeOlder, readAnew };
}

function RevokeButton({ of }: { of: Key }) {
  const { older, revoke, revokeOlder, readAnew } = useEnding(of);
  const tell = useToast();
  async function send(values: Values) {
    await revokeOlder(values);
    await revoke(of.key_id);
    await readAnew();
    tell(values[WITH_OLDER] ? words.revokedBoth : words.revoked);
  }
  return (
    <ConfirmButton
      label={words.revoke}
      title={words.revokeTitle}
      confirm={words.revokeSend}
      typed={of.name}
      small={false}
      onConfirm={send}
    >
      <p>{words.revokeText}</p>
      <OlderToo query={older} />
    </ConfirmButton>
  );
}

/** The button that deletes a key. */
export function DeleteButton({ of }: { of: Key }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const { older, revokeOlder, readAnew } = useEnding(of);
  const go = useNavigate();
  const tell = useToast();
  async function remove(values: Values) {
    await revokeOlder(values);
    const path = { client_id: clientId, key_id: of.key_id };
    await call(api.DELETE("/api/v1/{client_id}/keys/{key_id}", { params: { path } }));
    tell(words.deleted);
    await go("/keys");
    queries.removeQueries({ queryKey: ["keys", clientId, of.key_id] });
    void readAnew();
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
      <p>{words.deleteText}</p>
      <OlderToo query={older} />
    </ConfirmButton>
  );
}
