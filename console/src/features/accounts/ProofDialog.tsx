// The dialog that asks for a fresh proof of who one is: the password with a code where there is one, or a passkey.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, call, type Schema } from "@/api/client";
import { factorsQuery, ownKey } from "@/api/factors";
import { useSessionState } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Notice } from "@/design/Feedback";
import { Form, PasswordField } from "@/design/Form";
import { Loaded } from "@/design/Loaded";
import { texts } from "@/texts";
import { CodeField } from "./CodeField";
import { Or } from "./Or";
import { PasskeyButton } from "./PasskeyButton";
import { askPasskey, hasPasskeys } from "./passkeys";
import { useOneWay } from "./useOneWay";

const words = texts.accounts.proof;

/** Asks until the proof is given or the person gives up; `onSettled` is told which. */
export function ProofDialog({ onSettled }: { onSettled: (proved: boolean) => void }) {
  const { session, enter } = useSessionState();
  const queries = useQueryClient();
  const clientId = session?.client.client_id ?? "";
  const factors = useQuery({ ...factorsQuery(clientId), enabled: session !== null });

  const [underway, go] = useOneWay();
  const [asked] = useState(session?.user.user_id);
  const isGone = session?.user.user_id !== asked;

  useEffect(() => {
    if (isGone) onSettled(false); // the session has ended meanwhile, or is somebody else's: nothing is to be proved here
  }, [isGone, onSettled]);

  async function prove(body: Schema<"Reauthentication">) {
    enter(await call(api.POST("/api/v1/console/session/reauth", { body })));
    onSettled(true);
    await queries.invalidateQueries({ queryKey: [...ownKey(clientId), "sessions"] }); // this one is another now
  }

  async function proveByPasskey() {
    const params = { path: { client_id: clientId } };
    const options = await call(api.POST("/api/v1/{client_id}/me/reauth/options", { params }));
    await prove({ credential: await askPasskey(options) });
  }

  return (
    <Dialog title={words.title} onClose={() => onSettled(false)}>
      <div className="flex flex-col gap-4">
        <p className="text-sm text-quiet">{words.lead}</p>
        <Loaded query={factors} lines={4}>
          {({ methods }) => (
            <>
              {hasPasskeys() && methods.includes("passkey") && (
                <>
                  <PasskeyButton
                    label={words.usePasskey}
                    look="primary"
                    disabled={underway === "form"}
                    onPress={() => go("passkey", proveByPasskey)}
                  />
                  {byCode(methods) && <Or />}
                </>
              )}
              {!hasPasskeys() && methods.length > 0 && !byCode(methods) && (
                <Notice tone="warning" title={words.noWay} />
              )}
              {(methods.length === 0 || byCode(methods)) && (
                <fieldset disabled={underway === "passkey"} className="min-w-0">
                  <Form
                    send={words.send}
                    onSend={({ password = "", code }) =>
                      go("form", () => prove(code === undefined ? { password } : { password, code }))
                    }
                    actions={<Button onClick={() => onSettled(false)}>{texts.common.cancel}</Button>}
                  >
                    <input type="hidden" autoComplete="username" defaultValue={session?.user.email} />
                    <PasswordField
                      name="password"
                      label={words.password}
                      required
                      autoFocus
                      autoComplete="current-password"
                    />
                    {byCode(methods) && <CodeField methods={methods} />}
                  </Form>
                </fieldset>
              )}
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

function byCode(methods: string[]): boolean {
  return methods.includes("totp") || methods.includes("recovery_code");
}
