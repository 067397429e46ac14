// One passkey of the account: what it is called, when it was used, renaming and removing it.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call, type Schema } from "@/api/client";
import { ownKey } from "@/api/factors";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { ConfirmButton, Dialog } from "@/design/Dialog";
import { Form, TextField } from "@/design/Form";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.accounts.factors;

/** A row of the list of passkeys. */
export function PasskeyRow({ passkey: { passkey_id, name, ...rest } }: { passkey: Schema<"PasskeyView"> }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const tell = useToast();
  const [renaming, setRenaming] = useState(false);
  const params = { path: { client_id: clientId, id: passkey_id } };

  async function settle(text: string) {
    tell(text);
    await queries.invalidateQueries({ queryKey: ownKey(clientId) });
  }

  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-3 py-2 text-sm">
      <div className="min-w-0">
        <p className="font-medium">{name}</p>
        <p className="text-quiet">
          {words.added} <Time at={rest.created_at} />,{" "}
          {rest.last_used_at ? (
            <>
              {words.used} <Time at={rest.last_used_at} />
            </>
          ) : (
            words.neverUsed
          )}
          , {rest.backed_up ? words.synced : words.onDevice}
        </p>
      </div>
      <div className="flex gap-2">
        <Button small aria-label={words.of(words.rename, name)} onClick={() => setRenaming(true)}>
          {words.rename}
        </Button>
        <ConfirmButton
          label={words.remove}
          name={words.of(words.remove, name)}
          title={words.removePasskey(name)}
          confirm={words.remove}
          look="secondary"
          onConfirm={async () => {
            await call(api.DELETE("/api/v1/{client_id}/me/passkeys/{id}", { params }));
            await settle(words.removedPasskey);
          }}
        >
          {words.removePasskeyText}
        </ConfirmButton>
      </div>
      {renaming && (
        <Dialog title={words.renameTitle} onClose={() => setRenaming(false)}>
          <Form
            send={texts.common.save}
            actions={<Button onClick={() => setRenaming(false)}>{texts.common.cancel}</Button>}
            onSend={async (values) => {
              const body = { name: values.name ?? name };
              await call(api.PATCH("/api/v1/{client_id}/me/passkeys/{id}", { params, body }));
              setRenaming(false);
              await settle(texts.common.saved);
            }}
          >
            <TextField
              name="name"
              label={texts.accounts.passkeys.name}
              defaultValue={name}
              required
              maxLength={100}
              autoComplete="off"
            />
          </Form>
        </Dialog>
      )}
    </li>
  );
}
