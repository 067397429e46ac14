// Limits that a client has of its own, over its tier.
import { useState } from "react";
import { ConfirmButton } from "@/design/Dialog";
import { SelectField, TextField, type Values } from "@/design/Form";
import { Loaded } from "@/design/Loaded";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, type Tier, useChangeClient, useTiers } from "./clientQueries";
import { LIMIT_NAMES, type LimitName, ownLimits, shownLimit } from "./limitWords";

const words = texts.clients;
const MODES = words.overrideModes;
type Mode = keyof typeof MODES;

/** A button that asks for each limit whether it is the tier's, a number of its own, or none. */
export function OverridesButton({ client }: { client: Client }) {
  const tiers = useTiers();
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  return (
    <ConfirmButton
      label={words.override}
      title={words.overrideTitle(client.client_name)}
      confirm={texts.common.save}
      look="secondary"
      onConfirm={async (values) => {
        await change({ limits: chosen(values) });
        tell(words.overridesSaved);
      }}
    >
      <p>{words.overrideSays}</p>
      <Loaded query={tiers} lines={6}>
        {(found) =>
          LIMIT_NAMES.map((name) => (
            <OneLimit key={name} name={name} client={client} tier={found.find((tier) => tier.name === client.tier)} />
          ))
        }
      </Loaded>
    </ConfirmButton>
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
