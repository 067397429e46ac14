// All clients, for operators: found by the beginning of a name or slug, however many there are.

import { useClientId } from "@/api/session";
import { Button, ButtonLink } from "@/design/Button";
import { Badge, EmptyState } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Box, Page } from "@/design/Page";
import { type Column, More, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { useFilters } from "@/design/useFilters";
import { texts } from "@/texts";
import { ClientFiltering } from "./ClientFiltering";
import { ClientStatus, markOf } from "./ClientStatus";
import { type Client, useClients } from "./clientQueries";

const FILTERS = ["q", "status", "tier", "industry", "sort"] as const;
const words = texts.clients;

/** The page of all clients. */
export function ClientsPage() {
  const [filters, choose, clear, cleared] = useFilters(FILTERS);
  const list = useClients(filters);
  const industries = [...new Set((list.data ?? []).map((client) => client.industry ?? ""))].filter(Boolean).sort();
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <ButtonLink to="/register" look="primary">
          {words.register}
        </ButtonLink>
      }
    >
      <ClientFiltering key={cleared} filters={filters} choose={choose} industries={industries} />
      <Box>
        <Loaded query={list} lines={12}>
          {(rows) => <Rows rows={rows} list={list} clear={clear} />}
        </Loaded>
      </Box>
    </Page>
  );
}

function Rows({ rows, list, clear }: { rows: Client[]; list: ReturnType<typeof useClients>; clear: () => void }) {
  const platform = useClientId();
  if (rows.length === 0) {
    return (
      <EmptyState title={words.noneTitle} action={<Button onClick={clear}>{texts.common.noFilters}</Button>}>
        {words.none}
      </EmptyState>
    );
  }
  return (
    <>
      <p role="status" className="pb-2 text-sm text-quiet">
        {words.shown(rows.length, list.hasNextPage)}
      </p>
      <Table
        caption={words.list}
        columns={columnsFor(platform)}
        rows={rows}
        rowKey={(client) => client.client_id}
        to={(client) => `/clients/${client.client_id}`}
        mark={markOf}
        busy={list.isPrevious}
      />
      <More list={list} />
    </>
  );
}

function columnsFor(platform: string): Column<Client>[] {
  return [
    { name: words.name, show: (client) => client.client_name },
    {
      name: words.slug,
      show: (client) => (
        <span className="inline-flex flex-wrap items-center gap-2">
          <code className="font-mono text-xs">{client.slug}</code>
          {client.client_id === platform && <Badge tone="info">{words.platform}</Badge>}
        </span>
      ),
    },
    { name: words.tier, show: (client) => <span className="wrap-break-word">{client.tier}</span> },
    { name: words.status, show: (client) => <ClientStatus status={client.status} /> },
    {
      name: words.industry,
      show: ({ industry }) => industry && <span className="wrap-break-word">{industry}</span>,
    },
    { name: words.created, show: (client) => <Time at={client.created_at} /> },
  ];
}
