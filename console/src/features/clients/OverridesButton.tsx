// Limits that a client has of its own, over its tier.
import { useState } from "react";
import type { Tier } from "@/api/tiers";
import { SelectField, TextField, type Values } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, useChangeClient } from "./clientQueries";
import { LIMIT_NAMES, type LimitName, ownLimits, shownLimit } from "./limitWords";
import { TiersDialog } from "./TiersDialog";

const words = texts.clients;
const MODES = words.overrideModes;
type Mode = keyof typeof MODES;

/** A button that asks for each limit whether it is the tier's, a number of its own, or none. */
export function OverridesButton({ client }: { client: Client }) {
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  return (
    <TiersDialog
      label={words.override}
      title={words.overrideTitle(client.client_name)}
      send={texts.common.save}
      lines={8}
      onSend={async (values) => {
        await change({ limits: chosen(values) });
        tell(words.overridesSaved);
      }}
    >
      {(tiers) => (
        <>
          <p>{words.overrideSays}</p>
          {LIMIT_NAMES.map((name) => (
            <OneLimit key={name} name={name} client={client} tier={tiers.find((tier) => tier.name === client.tier)} />
          ))}
        </>
      )}
    </TiersDialog>
  );
}

function OneLimit({ name, client, tier }: { name: LimitName; client: Client; tier: Tier | undefined }) {
  const own = ownLimits(client.limits)[name];
  const [mode, setMode] = useState<Mode>(own === undefined ? "tier" : own === null ? "none" : "own");
  const asTier = tier ? words.overrideAsTier(shownLimit(tier.limits[name])) : MODES.tier;
  return (
    <div className="grid items-end gap-x-3 gap-y-1 sm:grid-cols-2">
      <SelectField
        name={`mode.${name}`}
        label={words.limitNames[name]}
        value={mode}
        onChange={(event) => setMode(event.target.value as Mode)}
        options={[
          ["tier", asTier],
          ["own", MODES.own],
          ["none", MODES.none],
        ]}
      />
      {mode === "own" && (
        <TextField
          name={`limits.${name}`}
          label={words.overrideNumber(words.limitNames[name])}
          type="number"
          inputMode="numeric"
          min={1}
          step={1}
          required
          defaultValue={own ?? client.limits[name].value ?? undefined}
        />
      )}
    </div>
  );
}

/** Return the limits that a form names: the tier's are left out, null is no window. */
function chosen(values: Values): Partial<Record<LimitName, number | null>> {
  const limits: Partial<Record<LimitName, number | null>> = {};
  for (const name of LIMIT_NAMES) {
    if (values[`mode.${name}`] === "none") limits[name] = null;
    if (values[`mode.${name}`] === "own") limits[name] = Number(values[`limits.${name}`]);
  }
  return limits;
}
