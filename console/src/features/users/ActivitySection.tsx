// The latest rows of the audit log about a user.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { useClientId } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Badge } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { type Column, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { texts } from "@/texts";

type Row = Schema<"AuditLog">;

const words = texts.users;
const LATEST = 20;
const COLUMNS: Column<Row>[] = [
  { name: words.event, show: (row) => <code className="font-mono">{row.action}</code> },
  { name: words.outcome, show: (row) => <Outcome row={row} /> },
  { name: words.address, show: (row) => row.ip_address },
  { name: words.when, show: (row) => <Time at={row.timestamp} exact /> },
];

/** The newest twenty, with a link to all of them. */
export function ActivitySection({ userId }: { userId: string }) {
  const clientId = useClientId();
  const query = useQuery({
    queryKey: ["users", clientId, userId, "events"],
    queryFn: () =>
      call(
        api.GET("/api/v1/{client_id}/audit-logs", {
          params: { path: { client_id: clientId }, query: { user_id: userId, limit: LATEST } },
        }),
      ),
  });
  return (
    <Section
      title={words.activity}
      lead={words.activityLead}
      actions={
        <TextLink to={`/audit?user_id=${userId}`} className="text-sm">
          {words.activityAll}
        </TextLink>
      }
    >
      <Loaded query={query} lines={5}>
        {({ items }) =>
          items.length > 0 ? (
            <Table caption={words.activity} columns={COLUMNS} rows={items} rowKey={(row) => row.audit_id} />
          ) : (
            <p className="text-sm text-quiet">{words.noActivity}</p>
          )
        }
      </Loaded>
    </Section>
  );
}

function Outcome({ row }: { row: Row }) {
  return row.status === "failed" ? <Badge tone="danger">{words.failed}</Badge> : words.success;
}
