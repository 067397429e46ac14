// What the audit log says about a key, the latest first.
import type { UseQueryResult } from "@tanstack/react-query";
import type { Schema } from "@/api/client";
import { TextLink } from "@/design/Button";
import { Badge } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { type Column, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { texts } from "@/texts";

const words = texts.keys;
type Row = Schema<"AuditLog">;

const COLUMNS: Column<Row>[] = [
  { name: words.what, show: (row) => <code className="font-mono">{row.action}</code> },
  {
    name: words.outcome,
    show: (row) => <Badge tone={row.status === "success" ? "good" : "danger"}>{words.outcomes[row.status]}</Badge>,
  },
  { name: words.who, show: (row) => row.ip_address },
  { name: words.when, show: (row) => <Time at={row.timestamp} /> },
];

/** The section of the key's rows in the audit log. */
export function KeyHistory({
  keyId,
  query,
}: {
  keyId: string;
  query: Pick<UseQueryResult<Row[]>, "data" | "error" | "refetch">;
}) {
  return (
    <Section
      title={words.historyTitle}
      actions={
        <TextLink to={`/audit?key_id=${keyId}`} className="text-sm">
          {words.historyAll}
        </TextLink>
      }
    >
      <Loaded query={query} lines={4}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="text-sm text-quiet">{words.historyEmpty}</p>
          ) : (
            <Table caption={words.historyName} columns={COLUMNS} rows={rows} rowKey={(row) => row.audit_id} />
          )
        }
      </Loaded>
    </Section>
  );
}
