// Moving a client to another tier.
import { useState } from "react";
import type { Tier } from "@/api/tiers";
import { SelectField } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, useChangeClient } from "./clientQueries";
import { shownLimit } from "./limitWords";
import { TiersDialog } from "./TiersDialog";

const words = texts.clients;

/** A button that asks for the tier and says what it lets through. */
export function TierButton({ client }: { client: Client }) {
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  return (
    <TiersDialog
      label={words.changeTier}
      title={words.changeTier}
      send={words.changeTier}
      lines={3}
      onSend={async ({ tier }) => {
        if (tier === undefined || tier === client.tier) return;
        await change({ tier });
        tell(words.tierSaved(tier));
      }}
    >
      {(tiers) => <TierField tiers={tiers} now={client.tier} />}
    </TiersDialog>
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
