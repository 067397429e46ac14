// The last 30 days as charts, each of which answers one question.
import { type ReactNode, useMemo } from "react";
import type { Schema } from "@/api/client";
import { useSession } from "@/api/session";
import { Chart, type Series } from "@/design/Chart";
import { formatUtcDay } from "@/design/format";
import { Section } from "@/design/Page";
import { texts } from "@/texts";

type Day = Schema<"DayView">;
type Counted = Exclude<keyof Day, "started_at">;
type Told = [name: Counted, text: string, tone?: "danger"];

const words = texts.statistics.overview;
const SIGNUPS: Told[] = [["signups", words.signups]];
const ACTIVE: Told[] = [["active_users", words.activeUsers]];
const LOGINS: Told[] = [
  ["logins", words.logins],
  ["failures", words.failures, "danger"],
];
const CALLS: Told[] = [
  ["requests", words.requests],
  ["refusals", words.refusals, "danger"],
];

/** Charts of people and calls per day; nobody signs up at the platform. */
export function OverviewCharts({ days }: { days: Day[] }) {
  const { is_platform } = useSession().client;
  return (
    <Section plain title={words.charts}>
      <div className="grid gap-3 lg:grid-cols-2">
        {!is_platform && <OfDays days={days} title={words.signupsChart} counted={SIGNUPS} kind="bars" />}
        <OfDays days={days} title={words.activeChart} counted={ACTIVE} kind="bars" />
        <OfDays days={days} title={words.loginsChart} counted={LOGINS} />
        <OfDays days={days} title={words.callsChart} counted={CALLS} />
      </div>
    </Section>
  );
}

function OfDays({
  days,
  title,
  counted,
  kind = "lines",
}: {
  days: Day[];
  title: string;
  counted: Told[];
  kind?: "bars" | "lines";
}): ReactNode {
  const times = useMemo(() => days.map((day) => day.started_at), [days]);
  const series: Series[] = useMemo(
    () =>
      counted.map(([name, text, tone]) => ({
        name: text,
        values: days.map((day) => day[name]),
        ...(tone && { tone }),
      })),
    [days, counted],
  );
  return (
    <div className="min-w-0 rounded-xl border border-line bg-surface p-4">
      <Chart
        title={title}
        times={times}
        series={series}
        kind={kind}
        formatTime={formatUtcDay}
        empty={words.nothingYet}
        utc
      />
    </div>
  );
}
