// What an entry tells of the change of a client, in short.
import { texts } from "@/texts";
import type { Entry } from "./entries";

const words = texts.audit.changed;
const STATUSES: Record<string, string> = { active: words.activated, suspended: words.suspended };
const MOST_TOLD = 3;

/** Return what was changed of a client, in few words; nothing of other entries. */
export function changesOf({ action, status, detail }: Entry): string {
  if (action !== "client.update" || status === "failed" || !Array.isArray(detail.fields)) return "";
  const fields = detail.fields.filter((field) => typeof field === "string");
  const told = fields.flatMap((field) =>
    field === "settings" ? settingsIn(detail.settings) : [fieldIn(field, detail)],
  );
  const more = told.length - MOST_TOLD;
  return (more > 0 ? [...told.slice(0, MOST_TOLD), words.more(more)] : told).join(", ");
}

function fieldIn(field: string, detail: Entry["detail"]): string {
  const value = detail[field];
  if (field === "status" && typeof value === "string") return STATUSES[value] ?? value;
  if (field === "tier" && typeof value === "string") return words.tier(value);
  return field === "limits" ? words.limits : labelOf(field);
}

function settingsIn(told: unknown): string[] {
  const names = typeof told === "object" && told !== null ? Object.keys(told) : [];
  return names.length > 0 ? names.map(labelOf) : [words.settings];
}

function labelOf(field: string): string {
  const fields: Record<string, { label: string }> = texts.settings.fields;
  return words.setting(Object.hasOwn(fields, field) ? (fields[field]?.label ?? field) : field.replaceAll("_", " "));
}
