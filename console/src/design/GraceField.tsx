// How long an old key goes on working beside its successor.
import { texts } from "@/texts";
import { SelectField, type Values } from "./Form";

const words = texts.common.grace;
const GRACES: [seconds: string, text: string][] = [
  ["0", words.none],
  ["3600", words.hour],
  ["86400", words.day],
];

/** The choice of a grace; an hour, unless another is chosen or the key may be in wrong hands (`none`). */
export function GraceField({ label, first = "hour" }: { label: string; first?: "none" | "hour" }) {
  return (
    <SelectField name="grace_seconds" label={label} options={GRACES} defaultValue={first === "none" ? "0" : "3600"} />
  );
}

/** The seconds that were chosen. */
export function graceOf(values: Values): number {
  return Number(values.grace_seconds ?? 0);
}
