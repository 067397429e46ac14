// What happened at all clients, day by day.
import { useMemo } from "react";
import type { Schema } from "@/api/client";
import { Chart, type Series } from "@/design/Chart";
import { formatUtcDay } from "@/design/format";
import { Section } from "@/design/Page";
import { texts } from "@/texts";

const words = texts.platform;

/** Logins, refusals and sign-ups of the last 30 days. */
export function PlatformDays({ days }: { days: Schema<"DayOfAll">[] }) {
  const { times, logins, signups, sums } = useMemo(() => seriesOf(days), [days]);
  return (
    <Section
      title={words.days}
      lead={
        <>
          {words.inDays(sums.signups, sums.logins, sums.failures)}. {words.daysLead}
        </>
      }
    >
      <div className="grid gap-6 lg:grid-cols-2">
        <div className="min-w-0">
          <Chart title={words.loginsQuestion} times={times} series={logins} formatTime={formatUtcDay} utc />
          <p className="mt-1 text-xs text-quiet">{words.failuresMean}</p>
        </div>
        <div className="min-w-0">
          <Chart
            title={words.signupsQuestion}
            times={times}
            series={signups}
            kind="bars"
            formatTime={formatUtcDay}
            utc
          />
        </div>
      </div>
    </Section>
  );
}

function seriesOf(days: Schema<"DayOfAll">[]) {
  const of = (name: "signups" | "logins" | "failures") => days.map((day) => day[name]);
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  return {
    times: days.map((day) => day.started_at),
    logins: [
      { name: words.logins, values: of("logins") },
      { name: words.failures, values: of("failures"), tone: "danger" },
    ] satisfies Series[],
    signups: [{ name: words.signups, values: of("signups") }],
    sums: { signups: sum(of("signups")), logins: sum(of("logins")), failures: sum(of("failures")) },
  };
}
