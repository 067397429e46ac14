// How the client stands against its limits, as it changes.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { useClientId } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Chart } from "@/design/Chart";
import { Badge } from "@/design/Feedback";
import { formatHour, formatHourTick, formatNumber } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Page, Section } from "@/design/Page";
import { type Column, Table } from "@/design/Table";
import { texts } from "@/texts";
import { Windows } from "./Windows";

const words = texts.limits;
const REFRESHED_MS = 10_000;
type Status = Schema<"LimitStatusView">;

/** The limits of one's own client. */
export function LimitsPage() {
  const clientId = useClientId();
  const query = useQuery({
    queryKey: ["limits", clientId],
    queryFn: () =>
      call(api.GET("/api/v1/{client_id}/rate-limit-status", { params: { path: { client_id: clientId } } })),
    refetchInterval: REFRESHED_MS,
    staleTime: 0,
  });
  return (
    <Page title={words.title} lead={words.lead}>
      <Loaded query={query} lines={14}>
        {(status) => (
          <>
            <Section title={words.now} lead={words.nowLead}>
              <Windows windows={status.windows} />
            </Section>
            <Refusals status={status} />
            <Origins status={status} />
            <Advice />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Refusals({ status: { refusals_per_hour: hours } }: { status: Status }) {
  const sum = hours.reduce((so, hour) => so + hour.refusals, 0);
  return (
    <Section title={words.refused} lead={sum > 0 && words.refusedSum(sum)}>
      <Chart
        title={words.refusedChart}
        kind="bars"
        times={hours.map((hour) => hour.started_at)}
        series={[{ name: words.refusals, values: hours.map((hour) => hour.refusals), tone: "danger" }]}
        formatTime={formatHour}
        formatTick={formatHourTick}
        empty={words.nothingRefused}
      />
    </Section>
  );
}

interface Level {
  name: string;
  value: number | null;
  source: "tier" | "client";
}

function Origins({ status: { limits, tier } }: { status: Status }) {
  const levels: Level[] = Object.entries(limits).map(([name, level]) => ({ name, ...level }));
  const columns: Column<Level>[] = [
    { name: words.limit, show: (level) => words.names[level.name] },
    {
      name: words.value,
      show: (level) => (level.value === null ? words.none : formatNumber(level.value)),
      figures: true,
    },
    {
      name: words.source,
      show: ({ source }) => (
        <Badge tone={source === "client" ? "info" : "neutral"}>
          {source === "client" ? words.sources.client : words.sources.tier(tier)}
        </Badge>
      ),
    },
    { name: words.meaning, show: (level) => <span className="text-quiet">{words.meanings[level.name]}</span> },
  ];
  return (
    <Section title={words.origins} lead={words.originsLead}>
      <Table caption={words.originsName} columns={columns} rows={levels} rowKey={(level) => level.name} />
    </Section>
  );
}

function Advice() {
  return (
    <Section title={words.advice}>
      <ul className="flex max-w-prose list-disc flex-col gap-2 pl-5 text-sm">
        <li>{words.adviceWait}</li>
        <li>{words.adviceFewer}</li>
        <li>
          {words.adviceKeys} <TextLink to="/keys">{words.adviceKeysLink}</TextLink>
        </li>
        <li>{words.adviceAsk}</li>
      </ul>
    </Section>
  );
}
