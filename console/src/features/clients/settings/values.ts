// From a client's settings to what stands in the fields of a form, and back to what is sent: only what was changed.
import type { Schema } from "@/api/client";
import { readObject } from "@/api/jsonObject";
import { ApiProblem } from "@/api/problems";
import { formatDuration } from "@/design/format";
import { texts } from "@/texts";
import type { Client, ClientChange } from "../clientQueries";
import type { Field, FieldName } from "./groups";

export type Origin = Schema<"NumberLevel">["source"];
export type Value = string | number | string[] | Record<string, unknown> | null;

/** The value in force and where it comes from; what a client is called comes from nowhere else. */
export interface Standing {
  value: Value;
  origin: Origin | null;
}

/** What stands in the fields, by name; null: the own value is taken back. */
export type Drafts = Partial<Record<FieldName, string | null>>;

/** Return the value in force of a field. */
export function standingOf(client: Client, name: FieldName): Standing {
  if (isSetting(name, client)) {
    const level = client.settings[name];
    return { value: level.value, origin: level.source };
  }
  return { value: client[name], origin: null };
}

/** The name that the service gives a field in what it says is wrong. */
export function pathOf(client: Client, name: FieldName): string {
  return isSetting(name, client) ? `settings.${name}` : name;
}

/** Return what stands in the fields before anything is changed. */
export function draftsOf(client: Client, fields: Field[]): Drafts {
  return Object.fromEntries(fields.map((field) => [field.name, written(standingOf(client, field.name).value)]));
}

/** Return the names of the fields that were changed. */
export function changedFields(client: Client, fields: Field[], drafts: Drafts): Field[] {
  return fields.filter((field) => {
    const draft = drafts[field.name];
    return draft === null || tidied(field, draft ?? "") !== written(standingOf(client, field.name).value);
  });
}

/** Return what to send for the fields that were changed; throws ApiProblem for JSON that is none. */
export function changeOf(client: Client, changed: Field[], drafts: Drafts): ClientChange {
  const profile: Record<string, Value> = {};
  const settings: Record<string, Value> = {};
  for (const field of changed) {
    const target = isSetting(field.name, client) ? settings : profile;
    target[field.name] = sentFor(field, drafts[field.name] ?? null);
  }
  return { ...profile, ...(Object.keys(settings).length > 0 ? { settings } : {}) };
}

/** Return a refusal in the words of the page: settings by their labels, spans of time not in seconds. */
export function inWords(problem: unknown, fields: Field[]): unknown {
  if (!(problem instanceof ApiProblem)) return problem;
  const { status, code, message, requestId, retryAfter, members } = problem;
  const errors = Object.entries(problem.errors).map(([path, said]) => {
    const isSpan = fields.some((field) => field.kind === "span" && path === `settings.${field.name}`);
    return [path, said.map((one) => (isSpan ? spansInWords(one) : one)).map(labelled)];
  });
  return new ApiProblem(status, code, message, Object.fromEntries(errors), requestId, retryAfter, members);
}

function spansInWords(said: string): string {
  return said.replace(/\d+/g, (seconds) => formatDuration(Number(seconds)));
}

function labelled(said: string): string {
  const { fields } = texts.settings;
  return said.replace(/[a-z]+(?:_[a-z]+)+/g, (name) =>
    name in fields ? `“${fields[name as FieldName].label}”` : name,
  );
}

/** The lines of a text that hold something. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function isSetting(name: FieldName, client: Client): name is keyof Client["settings"] & FieldName {
  return name in client.settings;
}

function written(value: Value): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.join("\n");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : value.toString();
}

function tidied(field: Field, draft: string): string {
  if (field.kind === "lines") return linesOf(draft).join("\n");
  return draft.trim();
}

/** Where nothing is filled in, a list is empty and anything else is taken back; passkeys always have a page. */
function sentFor(field: Field, draft: string | null): Value {
  if (draft === null) return null;
  const text = tidied(field, draft);
  if (field.kind === "lines") return text === "" && field.name === "passkey_origins" ? null : linesOf(text);
  if (text === "") return null;
  if (field.kind === "number" || field.kind === "span") return Number(text);
  return field.kind === "schema" ? parsed(field, text) : text;
}

function parsed(field: Field, text: string): Record<string, unknown> {
  const words = texts.settings.schema;
  const { value, fault } = readObject(text);
  if (!fault) return value;
  if (fault.kind === "number") throw refused(field, texts.common.jsonNumber(fault.path));
  throw refused(field, fault.kind === "not_json" ? words.notJson(fault.said) : words.notObject);
}

function refused(field: Field, said: string): ApiProblem {
  return new ApiProblem(422, "validation_failed", texts.settings.notSaved, { [`settings.${field.name}`]: [said] });
}
