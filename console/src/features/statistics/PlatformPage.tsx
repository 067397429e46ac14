// The whole installation at a glance, for operators.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, call, type Schema } from "@/api/client";
import { READ_ANEW } from "@/api/queries";
import { type Bar, BarList } from "@/design/BarList";
import { ButtonLink } from "@/design/Button";
import { EmptyState } from "@/design/Feedback";
import { formatBytes, formatNumber } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Figure, Page, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { PlatformDays } from "./PlatformDays";

type Totals = Schema<"InstallationView">;
const words = texts.platform;
const EVERY_MS = 60_000;
const MOST_ROLES = 8;

/** The page of the installation's statistics. */
export function PlatformPage() {
  const query = useQuery({
    queryKey: ["statistics", "installation"],
    queryFn: () => call(api.GET("/api/v1/admin/stats")),
    refetchInterval: EVERY_MS,
    ...READ_ANEW,
  });
  return (
    <Page
      title={words.title}
      lead={
        <>
          {words.lead} {query.data && <Measured at={query.data.measured_at} />}
        </>
      }
    >
      <Loaded query={query} lines={20}>
        {(totals) => <AllClients totals={totals} />}
      </Loaded>
    </Page>
  );
}

function Measured({ at }: { at: string }) {
  return (
    <>
      {words.measured} <Time at={at} />.
    </>
  );
}

function AllClients({ totals }: { totals: Totals }) {
  if (totals.clients === 0) {
    return (
      <EmptyState
        title={words.noClientsTitle}
        action={
          <ButtonLink to="/register" look="primary">
            {words.register}
          </ButtonLink>
        }
      >
        {words.noClients}
      </EmptyState>
    );
  }
  return (
    <>
      <Heads totals={totals} />
      <PlatformDays days={totals.per_day} />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Section title={words.largest} lead={words.largestLead}>
          <LargestClients clients={totals.largest_clients} />
        </Section>
        <div className="flex min-w-0 flex-col gap-6">
          <Section title={words.byStatus}>
            <BarList label={words.byStatus} bars={linked(totals.clients_by_status, "status", words.statuses)} />
          </Section>
          <Section title={words.byTier}>
            <BarList label={words.byTier} bars={linked(totals.clients_by_tier, "tier")} />
          </Section>
          <Section title={words.byRole} lead={words.byRoleLead}>
            <BarList label={words.byRole} bars={roles(totals.users_by_role)} />
          </Section>
        </div>
      </div>
    </>
  );
}

function Heads({ totals }: { totals: Totals }) {
  const { secret, publishable } = totals.keys;
  const mean = formatNumber(Math.round(totals.users / totals.clients));
  const figures: [string, ReactNode, string][] = [
    [words.clients, formatNumber(totals.clients), words.activeOf(formatNumber(totals.clients_by_status.active ?? 0))],
    [words.users, formatNumber(totals.users), words.usersPerClient(mean)],
    [words.sessions, formatNumber(totals.sessions), words.sessionsNote],
    [words.keys, formatNumber(secret + publishable), words.keysNote(formatNumber(secret), formatNumber(publishable))],
    [words.storage, formatBytes(totals.storage_bytes), words.storageNote],
  ];
  return (
    <div className="grid grid-cols-2 gap-3 max-lg:*:last:col-span-2 lg:grid-cols-5">
      {figures.map(([name, value, note]) => (
        <Figure key={name} name={name} value={value} note={note} />
      ))}
    </div>
  );
}

function LargestClients({ clients }: { clients: Totals["largest_clients"] }) {
  if (clients.length === 0) return <p className="text-sm text-quiet">{words.notMeasured}</p>;
  return (
    <BarList
      label={words.largest}
      bars={clients.map((client) => ({
        key: client.client_id,
        name: client.client_name,
        to: `/clients/${client.client_id}`,
        value: client.bytes,
        shown: formatBytes(client.bytes),
      }))}
    />
  );
}

/** Bars that lead to the list of the clients counted. */
function linked(counts: Record<string, number>, filter: "status" | "tier", names: Record<string, string> = {}): Bar[] {
  return largestFirst(counts).map(([name, value]) => ({
    name: names[name] ?? name,
    value,
    to: `/clients?${filter}=${encodeURIComponent(name)}`,
  }));
}

/** The roles that most users hold; the others in one bar. */
function roles(counts: Record<string, number>): Bar[] {
  const all = largestFirst(counts);
  const rest = all.slice(MOST_ROLES);
  const shown: Bar[] = all.slice(0, MOST_ROLES).map(([name, value]) => ({ name, value }));
  if (rest.length === 0) return shown;
  return [...shown, { name: words.otherRoles(rest.length), value: rest.reduce((sum, [, value]) => sum + value, 0) }];
}

function largestFirst(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts).sort(([, one], [, other]) => other - one);
}
