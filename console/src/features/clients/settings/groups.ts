// The settings of a client in the groups that the page shows, and what each of them can be.
import type { Schema } from "@/api/client";
import { texts } from "@/texts";

type ProfileName = "client_name" | "slug" | "domain" | "industry" | "contact_email";
type SettingName = Exclude<keyof Schema<"SettingsView">, "mail_texts">;
export type FieldName = ProfileName | SettingName;

export type Field = { name: FieldName } & (
  | { kind: "line"; most: number; required?: boolean; email?: boolean; pattern?: string }
  | { kind: "number"; least: number; most: number }
  | { kind: "span"; least: number; most: number }
  | { kind: "choice"; choices: Record<string, string> }
  | { kind: "lines"; code: boolean }
  | { kind: "colour" }
  | { kind: "schema" }
);

export interface Group {
  id: Exclude<keyof typeof texts.settings.groups, "mails">;
  fields: Field[];
}

const DAY = 86_400;
const { choices } = texts.settings;

/** The groups before the mail texts, in the order of the page. */
export const GROUPS: Group[] = [
  {
    id: "names",
    fields: [
      { name: "client_name", kind: "line", most: 120, required: true },
      { name: "slug", kind: "line", most: 63, required: true, pattern: "[a-z0-9]([a-z0-9\\-]{0,61}[a-z0-9])?" },
      { name: "domain", kind: "line", most: 253 },
      { name: "industry", kind: "line", most: 80 },
      { name: "contact_email", kind: "line", most: 254, email: true },
    ],
  },
  {
    id: "signup",
    fields: [
      { name: "signup", kind: "choice", choices: choices.signup },
      { name: "email_verification", kind: "choice", choices: choices.email_verification },
    ],
  },
  {
    id: "passwords",
    fields: [
      { name: "password_min_length", kind: "number", least: 8, most: 64 },
      { name: "password_blocklist", kind: "lines", code: false },
    ],
  },
  {
    id: "sessions",
    fields: [
      { name: "access_token_ttl", kind: "span", least: 60, most: 3600 },
      { name: "session_idle_ttl", kind: "span", least: 300, most: 30 * DAY },
      { name: "session_absolute_ttl", kind: "span", least: 300, most: 90 * DAY },
    ],
  },
  {
    id: "factors",
    fields: [
      { name: "mfa_policy", kind: "choice", choices: choices.mfa_policy },
      { name: "passkey_rp_id", kind: "line", most: 253 },
      { name: "passkey_origins", kind: "lines", code: true },
    ],
  },
  {
    id: "pages",
    fields: [
      { name: "allowed_origins", kind: "lines", code: true },
      { name: "redirect_urls", kind: "lines", code: true },
    ],
  },
  {
    id: "look",
    fields: [
      { name: "sender_name", kind: "line", most: 64 },
      { name: "brand_color", kind: "colour" },
    ],
  },
];

/** The group after the mail texts. */
export const LAST_GROUP: Group = { id: "fields", fields: [{ name: "custom_fields_schema", kind: "schema" }] };

/** The ids of all groups of the page, in its order. */
export const ORDER: (keyof typeof texts.settings.groups)[] = [
  ...GROUPS.map((group) => group.id),
  "mails",
  LAST_GROUP.id,
];
