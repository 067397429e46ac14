// The settings of a client as they are in force, each with the level it comes from; its own admins change them.
import type { ReactNode } from "react";
import { Badge } from "@/design/Feedback";
import { formatDuration } from "@/design/format";
import { Lines } from "@/design/Lines";
import { Section } from "@/design/Page";
import { texts } from "@/texts";
import type { Client } from "./clientQueries";

const words = texts.clients;
type Settings = Client["settings"];
type Name = keyof Settings;

const NAMES = Object.keys(words.settingNames) as Name[];
const LIVES: Name[] = ["access_token_ttl", "session_idle_ttl", "session_absolute_ttl"];

/** All settings with their values and levels. */
export function ClientSettingLevels({ client }: { client: Client }) {
  const lines = NAMES.map((name) => {
    const { value, source } = client.settings[name];
    return { name: words.settingNames[name], value: shown(name, value), note: <Source source={source} /> };
  });
  return (
    <Section title={words.settings} lead={words.settingsLead}>
      <Lines lines={lines} columns />
    </Section>
  );
}

/** The level that a value comes from; the client's own stands out. */
export function Source({ source }: { source: keyof typeof words.sources }) {
  return source === "client" ? <Badge tone="info">{words.sources.client}</Badge> : words.sources[source];
}

function shown(name: Name, value: Settings[Name]["value"]): ReactNode {
  if (name === "password_min_length" && typeof value === "number") return words.characters(value);
  if (LIVES.includes(name) && typeof value === "number") return formatDuration(value);
  if (Array.isArray(value) && value.length === 0) return words.none_;
  if (name === "password_blocklist" && Array.isArray(value)) return words.words(value.length);
  if (name === "brand_color" && typeof value === "string") return <Colour value={value} />;
  if (Array.isArray(value)) return value.map((one) => <p key={one}>{one}</p>);
  if (typeof value === "string") return words.settingWords[value] ?? value;
  if (typeof value === "number") return value;
  if (name === "custom_fields_schema") return value === null ? words.none_ : words.isSet;
  const kinds = Object.keys(value ?? {});
  return kinds.length === 0 ? words.none_ : kinds.join(", ");
}

function Colour({ value }: { value: string }) {
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden="true" className="size-4 rounded border border-line" style={{ background: value }} />
      <code className="font-mono text-xs">{value}</code>
    </span>
  );
}
