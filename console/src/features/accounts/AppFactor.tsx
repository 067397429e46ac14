// The authenticator app: setting it up, on another device too, and removing it.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call, type Schema } from "@/api/client";
import { ownKey } from "@/api/factors";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { ConfirmButton, Dialog } from "@/design/Dialog";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { AppSetup } from "./AppSetup";
import { Factor } from "./Factor";

const words = texts.accounts.factors;

/** `onCodes` gets the recovery codes that come with a new app. */
export function AppFactor({
  factors,
  onCodes,
}: {
  factors: Schema<"FactorsView">;
  onCodes: (codes: string[]) => void;
}) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const tell = useToast();
  const [open, setOpen] = useState(false);
  const since = factors.totp_confirmed_at;
  const reread = () => queries.invalidateQueries({ queryKey: ownKey(clientId) });

  async function remove() {
    await call(api.DELETE("/api/v1/{client_id}/me/mfa/totp", { params: { path: { client_id: clientId } } }));
    tell(words.removedApp);
    await reread();
  }

  return (
    <Factor
      name={words.app}
      state={
        since ? (
          <>
            {words.appOn} <Time at={since} exact />
          </>
        ) : (
          words.appOff
        )
      }
      actions={
        <>
          <Button small onClick={() => setOpen(true)}>
            {since ? words.replace : words.setUpApp}
          </Button>
          {since && (
            <ConfirmButton
              label={words.remove}
              name={words.of(words.remove, words.app)}
              title={words.removeApp}
              confirm={words.remove}
              look="secondary"
              onConfirm={remove}
            >
              {words.removeAppText}
            </ConfirmButton>
          )}
        </>
      }
    >
      {open && (
        <Dialog title={words.app} onClose={() => setOpen(false)}>
          {since && <p className="mb-3 text-sm">{words.replaceHint}</p>}
          <AppSetup
            clientId={clientId}
            onDone={(codes) => {
              setOpen(false);
              onCodes(codes);
              tell(words.on);
              void reread();
            }}
          />
        </Dialog>
      )}
    </Factor>
  );
}
