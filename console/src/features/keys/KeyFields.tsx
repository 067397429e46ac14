// The fields of a key, for making one and for editing it.
import { useState } from "react";
import { may, useSession } from "@/api/session";
import { SelectField, TextArea, TextField } from "@/design/Form";
import { ScopesField } from "@/design/Scopes";
import { texts } from "@/texts";
import { NEVER, OWN_NUMBER, WINDOWS } from "./keyForm";
import type { Key } from "./keys";

const words = texts.keys;
const DAYS = [1, 7, 30, 90, 180];

/** What the key is called. */
export function NameField({ value }: { value?: string }) {
  return (
    <TextField
      name="name"
      label={words.name}
      hint={words.nameHint}
      defaultValue={value}
      required
      maxLength={120}
      autoComplete="off"
    />
  );
}

/** The scopes that the person may pass on. */
export function ScopeChoice({ chosen, onChoose }: { chosen: string[]; onChoose: (scopes: string[]) => void }) {
  const session = useSession();
  return (
    <div className="rounded-lg border border-line p-3">
      <ScopesField
        name="scopes"
        label={words.scopesLabel}
        chosen={chosen}
        onChoose={onChoose}
        offered={(scope) => may(session, scope)}
      />
      {!may(session, "admin") && <p className="mt-2 text-sm text-quiet">{words.scopesOwn}</p>}
    </div>
  );
}

/** When it expires; with `keep` it may stay as it is. */
export function ExpiryField({ keep = false }: { keep?: boolean }) {
  const [chosen, setChosen] = useState(keep ? "" : "365");
  const options: [string, string][] = [
    ...(keep ? [["", words.expiryKeep] as [string, string]] : []),
    ...DAYS.map((days): [string, string] => [days.toString(), words.expiryDays(days)]),
    ["365", words.expiryYear],
    [OWN_NUMBER, words.expiryOwn],
    [NEVER, words.expiryNever],
  ];
  return (
    <>
      <SelectField
        name="expires"
        label={words.expiresIn}
        hint={keep ? words.expiryEditHint : words.expiryHint}
        options={options}
        value={chosen}
        onChange={(event) => setChosen(event.target.value)}
      />
      {chosen === OWN_NUMBER && (
        <TextField
          name="expires_in_days"
          label={words.expiryNumber}
          type="number"
          inputMode="numeric"
          min={1}
          max={3650}
          required
        />
      )}
    </>
  );
}

/** How much it may be used; `own` is for a user's own key. */
export function LimitFields({ of, own }: { of?: Key; own: boolean }) {
  return (
    <fieldset className="flex flex-col gap-4 rounded-lg border border-line p-3">
      <legend className="px-1 text-sm font-semibold">{words.furtherLimits}</legend>
      <NumberField name="usage_limit" label={words.usageLimit} value={of?.usage_limit} hint={words.usageLimitHint} />
      <div className="grid items-end gap-4 sm:grid-cols-3">
        {WINDOWS.map((name) => (
          <NumberField
            key={name}
            name={`rate_limit.${name}`}
            label={texts.limits.names[name]}
            value={of?.rate_limit[name]}
            most={1_000_000_000}
          />
        ))}
      </div>
      <p className="text-sm text-quiet">{own ? words.windowsOwnHint : words.windowsHint}</p>
    </fieldset>
  );
}

/** From where it may be used. */
export function PlaceFields({ of, publishable }: { of?: Key; publishable: boolean }) {
  return (
    <fieldset className="flex flex-col gap-4 rounded-lg border border-line p-3">
      <legend className="px-1 text-sm font-semibold">{words.where}</legend>
      {publishable && (
        <ListField name="allowed_origins" label={words.origins} hint={words.originsHint} values={of?.allowed_origins} />
      )}
      <ListField name="allowed_ips" label={words.ips} hint={words.ipsHint} values={of?.allowed_ips} />
    </fieldset>
  );
}

function NumberField({
  name,
  label,
  value,
  hint,
  most = 1_000_000_000_000,
}: {
  name: string;
  label: string;
  value?: number | null | undefined;
  hint?: string;
  most?: number;
}) {
  return (
    <TextField
      name={name}
      label={label}
      hint={hint}
      type="number"
      inputMode="numeric"
      min={1}
      max={most}
      defaultValue={value ?? undefined}
    />
  );
}

function ListField({
  name,
  label,
  hint,
  values = [],
}: {
  name: string;
  label: string;
  hint: string;
  values?: string[] | undefined;
}) {
  return (
    <TextArea
      name={name}
      label={label}
      hint={hint}
      defaultValue={values.join("\n")}
      rows={Math.max(2, values.length)}
      spellCheck={false}
      autoCapitalize="none"
      className="font-mono text-sm"
    />
  );
}
