// One's passkeys: a list, and adding one.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { ownKey } from "@/api/factors";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Loaded } from "@/design/Loaded";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { Factor } from "./Factor";
import { NewPasskey } from "./NewPasskey";
import { PasskeyRow } from "./PasskeyRow";
import { hasPasskeys } from "./passkeys";

const words = texts.accounts.factors;

/** `onCodes` gets the recovery codes that come with a first factor. */
export function PasskeyFactors({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const tell = useToast();
  const [open, setOpen] = useState(false);
  const params = { path: { client_id: clientId } };
  const passkeys = useQuery({
    queryKey: [...ownKey(clientId), "passkeys"],
    queryFn: () => call(api.GET("/api/v1/{client_id}/me/passkeys", { params })),
  });
  const supported = hasPasskeys();
  return (
    <Factor
      name={words.passkeys}
      state={supported ? words.passkeysLead : texts.accounts.passkeys.unsupported}
      actions={
        supported && (
          <Button small onClick={() => setOpen(true)}>
            {texts.accounts.passkeys.create}
          </Button>
        )
      }
    >
      <Loaded query={passkeys} lines={1}>
        {({ items }) =>
          items.length > 0 && (
            <ul className="divide-y divide-line rounded-lg border border-line">
              {items.map((one) => (
                <PasskeyRow key={one.passkey_id} passkey={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {open && (
        <Dialog title={texts.accounts.passkeys.create} onClose={() => setOpen(false)}>
          <NewPasskey
            clientId={clientId}
            onDone={(codes) => {
              setOpen(false);
              if (codes) onCodes(codes);
              tell(words.addedPasskey);
              void queries.invalidateQueries({ queryKey: ownKey(clientId) });
            }}
          />
        </Dialog>
      )}
    </Factor>
  );
}
