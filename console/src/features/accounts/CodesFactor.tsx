// The recovery codes: how many are left, and new ones.
import { useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { ownKey } from "@/api/factors";
import { useClientId } from "@/api/session";
import { ConfirmButton } from "@/design/Dialog";
import { texts } from "@/texts";
import { Factor } from "./Factor";

const words = texts.accounts.factors;
const FEW = 3;

/** `onCodes` gets the new ones. */
export function CodesFactor({ left, onCodes }: { left: number; onCodes: (codes: string[]) => void }) {
  const clientId = useClientId();
  const queries = useQueryClient();

  async function renew() {
    const params = { path: { client_id: clientId } };
    const made = await call(api.POST("/api/v1/{client_id}/me/mfa/recovery-codes", { params }));
    onCodes(made.recovery_codes);
    await queries.invalidateQueries({ queryKey: ownKey(clientId) });
  }

  return (
    <Factor
      name={words.recovery}
      state={
        <>
          {words.left(left)}
          {left <= FEW && <strong className="text-warning"> {words.few}</strong>}
        </>
      }
      actions={
        <ConfirmButton
          label={words.renew}
          title={words.renewTitle}
          confirm={words.renew}
          look="secondary"
          onConfirm={renew}
        >
          {words.renewText}
        </ConfirmButton>
      }
    />
  );
}
