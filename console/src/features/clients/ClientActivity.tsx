// Whether a client's people get in: its last 30 days in short.
import { useMemo } from "react";
import type { Schema } from "@/api/client";
import { Chart, type Series } from "@/design/Chart";
import { formatNumber, formatUtcDay } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Figure, Figures, Section } from "@/design/Page";
import { texts } from "@/texts";
import { useActivity } from "./clientQueries";

const words = texts.clients;
type Activity = Schema<"StatisticsView">;
type Count = "signups" | "logins" | "failures" | "requests";

/** Logins and failed tries each day, and sums. */
export function ClientActivity({ clientId }: { clientId: string }) {
  return (
    <Section title={words.activity}>
      <Loaded query={useActivity(clientId)} lines={12}>
        {(activity) => <Days activity={activity} />}
      </Loaded>
    </Section>
  );
}

function Days({ activity }: { activity: Activity }) {
  const days = activity.per_day;
  const times = useMemo(() => days.map((day) => day.started_at), [days]);
  const series = useMemo(
    (): Series[] => [
      { name: words.logins, values: days.map((day) => day.logins) },
      { name: words.failures, values: days.map((day) => day.failures), tone: "danger" },
    ],
    [days],
  );
  return (
    <div className="flex flex-col gap-5">
      <Figures>
        <Figure name={words.users} value={formatNumber(activity.users)} />
        <Sum name={words.logins} days={days} of="logins" />
        <Sum name={words.failures} days={days} of="failures" />
        <Sum name={words.signups} days={days} of="signups" />
      </Figures>
      <Chart title={words.activityChart} times={times} series={series} formatTime={formatUtcDay} />
    </div>
  );
}

function Sum({ name, days, of }: { name: string; days: Activity["per_day"]; of: Count }) {
  const sum = days.reduce((all, day) => all + day[of], 0);
  return <Figure name={name} value={formatNumber(sum)} note={words.today(formatNumber(days.at(-1)?.[of] ?? 0))} />;
}
