// The latest events of one thing, with a way to all of them.
import type { Schema } from "@/api/client";
import { texts } from "@/texts";
import { TextLink } from "./Button";
import { EventName, EventResult } from "./Event";
import { Loaded } from "./Loaded";
import { Section } from "./Page";
import { type Column, Table } from "./Table";
import { Time } from "./Time";

type Entry = Schema<"AuditLog">;

const words = texts.audit;
const COLUMNS: Column<Entry>[] = [
  { name: words.what, show: (entry) => <EventName event={entry} /> },
  { name: words.result, show: (entry) => <EventResult event={entry} /> },
  { name: words.from, show: (entry) => entry.ip_address },
  { name: words.time, show: (entry) => <Time at={entry.timestamp} /> },
];

/** A section of rows of the audit log; `filter` is what narrows the whole log to them, `empty` is said without any. */
export function LatestEvents({
  lead,
  filter,
  empty,
  query,
}: {
  lead?: string;
  filter: `${"user_id" | "key_id"}=${string}`;
  empty: string;
  query: { data: Entry[] | undefined; error: unknown; refetch: () => unknown };
}) {
  return (
    <Section
      title={words.latest}
      lead={lead}
      actions={
        <TextLink to={`/audit?${filter}`} className="text-sm">
          {words.latestAll}
        </TextLink>
      }
    >
      <Loaded query={query} lines={5}>
        {(entries) =>
          entries.length > 0 ? (
            <Table caption={words.latest} columns={COLUMNS} rows={entries} rowKey={(entry) => entry.audit_id} />
          ) : (
            <p className="text-sm text-quiet">{empty}</p>
          )
        }
      </Loaded>
    </Section>
  );
}
