// Adding a passkey: its name, then the browser's own question.
import { api, call } from "@/api/client";
import { Form, TextField } from "@/design/Form";
import { texts } from "@/texts";
import { makePasskey, proposedName } from "./passkeys";

const words = texts.accounts.passkeys;

/** Asks for a name and makes the passkey; `onDone` gets the recovery codes that come with a first factor. */
export function NewPasskey({ clientId, onDone }: { clientId: string; onDone: (codes: string[] | null) => unknown }) {
  const params = { path: { client_id: clientId } };
  return (
    <Form
      send={words.create}
      onSend={async ({ name = proposedName() }) => {
        const options = await call(api.POST("/api/v1/{client_id}/me/passkeys/options", { params }));
        const credential = await makePasskey(options);
        const added = await call(api.POST("/api/v1/{client_id}/me/passkeys", { params, body: { credential, name } }));
        await onDone(added.recovery_codes);
      }}
    >
      <TextField
        name="name"
        label={words.name}
        hint={words.nameHint}
        defaultValue={proposedName()}
        required
        maxLength={100}
        autoComplete="off"
      />
    </Form>
  );
}
