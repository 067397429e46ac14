// Moving a client to another tier.
import { useState } from "react";
import { ConfirmButton } from "@/design/Dialog";
import { SelectField } from "@/design/Form";
import { Loaded } from "@/design/Loaded";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, type Tier, useChangeClient, useTiers } from "./clientQueries";
import { shownLimit } from "./limitWords";

const words = texts.clients;

/** A button that asks for the tier and says what it lets through. */
export function TierButton({ client }: { client: Client }) {
  const tiers = useTiers();
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  return (
    <ConfirmButton
      label={words.changeTier}
      title={words.changeTier}
      confirm={words.changeTier}
      look="secondary"
      onConfirm={async ({ tier = client.tier }) => {
        await change({ tier });
        tell(words.tierSaved(tier));
      }}
    >
      <Loaded query={tiers} lines={2}>
        {(found) => <TierField tiers={found} now={client.tier} />}
      </Loaded>
    </ConfirmButton>
  );
}

function TierField({ tiers, now }: { tiers: Tier[]; now: string }) {
  const [chosen, setChosen] = useState(now);
  const limits = tiers.find((tier) => tier.name === chosen)?.limits;
  return (
    <>
      <SelectField
        name="tier"
        label={words.tier}
        value={chosen}
        onChange={(event) => setChosen(event.target.value)}
        options={tiers.map((tier) => [tier.name, tier.name === now ? words.tierNow(now) : tier.name])}
      />
      {limits && (
        <p aria-live="polite">
          {words.tierLimits(
            shownLimit(limits.requests_per_minute),
            shownLimit(limits.requests_per_hour),
            shownLimit(limits.requests_per_day),
          )}
        </p>
      )}
      <p className="text-quiet">{words.tierHelp}</p>
    </>
  );
}
