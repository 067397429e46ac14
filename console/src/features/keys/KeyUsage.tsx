// How much a key was used: in all, by the hour and by the day.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { READ_ANEW } from "@/api/queries";
import { useClientId } from "@/api/session";
import { Chart } from "@/design/Chart";
import { formatHour, formatHourTick, formatNumber, formatUtcDay } from "@/design/format";
import { Gauge } from "@/design/Gauge";
import { Loaded } from "@/design/Loaded";
import { Facts, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";

const words = texts.keys;
const HOURS = 24;

/** The section about the use of a key; `together` says so where its uses are counted with those of another. */
export function KeyUsage({ keyId, together }: { keyId: string; together: string | undefined }) {
  const clientId = useClientId();
  const path = { client_id: clientId, key_id: keyId };
  const query = useQuery({
    queryKey: ["keys", clientId, keyId, "usage"],
    queryFn: () => call(api.GET("/api/v1/{client_id}/keys/{key_id}/usage", { params: { path } })),
    ...READ_ANEW,
  });
  return (
    <Section title={words.usageTitle} lead={together}>
      <Loaded query={query} lines={12}>
        {(usage) => (
          <div className="flex flex-col gap-6">
            <Quota usage={usage} />
            <div className="grid gap-6 xl:grid-cols-2">
              <Calls title={words.perHourChart} periods={usage.per_hour.slice(-HOURS)} by="hour" />
              <Calls title={words.perDayChart} periods={usage.per_day} by="day" />
            </div>
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function Quota({ usage }: { usage: Schema<"KeyUsageView"> }) {
  const { usage_count: used, usage_limit: limit, remaining, last_used_at: last } = usage;
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2">
      <Facts
        facts={[
          [words.usedInAll, formatNumber(used)],
          [words.lastUsed, last ? <Time key="last" at={last} /> : texts.common.never],
        ]}
      />
      {limit === null ? (
        <p className="text-sm text-quiet">{words.noQuota}</p>
      ) : (
        <Gauge
          name={words.quotaGauge}
          used={used}
          limit={limit}
          note={words.quotaLeft(formatNumber(remaining ?? Math.max(0, limit - used)))}
        />
      )}
    </div>
  );
}

function Calls({ title, periods, by }: { title: string; periods: Schema<"PeriodView">[]; by: "hour" | "day" }) {
  return (
    <Chart
      title={title}
      kind="bars"
      times={periods.map((period) => period.started_at)}
      series={[
        { name: words.calls, values: periods.map((period) => period.requests) },
        { name: words.refusals, values: periods.map((period) => period.refusals), tone: "danger" },
      ]}
      formatTime={by === "hour" ? formatHour : formatUtcDay}
      formatTick={by === "hour" ? formatHourTick : formatUtcDay}
      utc={by === "day"}
      empty={words.neverUsed}
    />
  );
}
