// How long an old key goes on working beside its successor.
import { SelectField, type Values } from "@/design/Form";
import { texts } from "@/texts";

const words = texts.keys;
const GRACES: [string, string][] = [
  ["0", words.graceNone],
  ["3600", words.graceHour],
  ["86400", words.graceDay],
];

/** The choice of a grace; an hour, unless another is chosen. */
export function GraceField({ label }: { label: string }) {
  return <SelectField name="grace_seconds" label={label} options={GRACES} defaultValue="3600" />;
}

/** The seconds that were chosen. */
export function graceOf(values: Values): number {
  return Number(values.grace_seconds ?? 0);
}
