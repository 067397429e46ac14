// How many calls a window lets through: a number, or no limit at all.
import { useState } from "react";
import { TextField } from "@/design/Form";
import { texts } from "@/texts";

const words = texts.tiers;
const MOST = 1_000_000_000;

/** A limit; null means that there is no such window. */
export function LimitField({
  label,
  hint,
  name,
  value,
  onChange,
}: {
  label: string;
  hint: string;
  name: string;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  const [typed, setTyped] = useState(value?.toString() ?? "");
  const none = value === null;
  function type(text: string) {
    setTyped(text);
    onChange(Number(text) || 0); // the browser lets nothing below 1 be sent
  }
  return (
    <TextField
      label={label}
      hint={hint || undefined}
      name={name}
      type="number"
      inputMode="numeric"
      min={1}
      max={MOST}
      required
      disabled={none}
      value={none ? "" : typed}
      onChange={(event) => type(event.target.value)}
      beside={
        <label className="flex shrink-0 items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={none}
            aria-label={words.noLimitFor(label)}
            onChange={(event) => onChange(event.target.checked ? null : Number(typed) || 0)}
            className="size-4 accent-accent"
          />
          {words.noLimit}
        </label>
      }
    />
  );
}
