// Where an admin lands: what happens at the client, at a glance.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { READ_ANEW } from "@/api/queries";
import { may, useSession } from "@/api/session";
import { BarList } from "@/design/BarList";
import { ButtonLink, TextLink } from "@/design/Button";
import { formatNumber } from "@/design/format";
import { Gauge } from "@/design/Gauge";
import { Loaded } from "@/design/Loaded";
import { Figure, Figures, Page, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { Beginning, OfOperators } from "./Beginning";
import { Glance } from "./Glance";
import { OverviewCharts } from "./OverviewCharts";

type Statistics = Schema<"StatisticsView">;

const words = texts.statistics.overview;
const EVERY_MS = 60_000;
const LINES = 16;

/** The overview of one's own client. */
export function OverviewPage() {
  const session = useSession();
  const { client } = session;
  const begins = (statistics: Statistics) => statistics.users <= 1 && may(session, "admin");
  const path = { client_id: client.client_id };
  const query = useQuery({
    queryKey: ["statistics", client.client_id],
    queryFn: () => call(api.GET("/api/v1/{client_id}/stats", { params: { path } })),
    refetchInterval: EVERY_MS,
    ...READ_ANEW,
  });
  return (
    <Page
      title={words.title}
      lead={words.lead(client.client_name)}
      actions={
        query.data && (
          <p className="text-sm text-quiet">
            {words.measured} <Time at={query.data.measured_at} />
          </p>
        )
      }
    >
      <Loaded query={query} lines={LINES}>
        {(statistics) => (
          <>
            {client.is_platform ? <OfOperators /> : begins(statistics) && <Beginning />}
            <Glance statistics={statistics} />
            <Totals statistics={statistics} />
            <OverviewCharts days={statistics.per_day} />
            <div className="grid gap-3 lg:grid-cols-2">
              <Roles counts={statistics.users_by_role} />
              <Limits windows={statistics.windows} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Totals({ statistics }: { statistics: Statistics }) {
  const { per_day, keys } = statistics;
  const [today, yesterday] = [per_day.at(-1), per_day.at(-2)];
  return (
    <Section plain title={words.figures}>
      <Figures>
        <Figure name={words.users} value={formatNumber(statistics.users)} note={words.usersNote(today?.signups ?? 0)} />
        <Figure
          name={words.active}
          value={formatNumber(today?.active_users ?? 0)}
          note={words.activeNote(yesterday?.active_users ?? 0)}
        />
        <Figure name={words.sessions} value={formatNumber(statistics.sessions)} note={words.sessionsNote} />
        <Figure
          name={words.keys}
          value={formatNumber(keys.secret + keys.publishable)}
          note={words.keysNote(keys.secret, keys.publishable)}
        />
      </Figures>
    </Section>
  );
}

function Roles({ counts }: { counts: Statistics["users_by_role"] }) {
  const bars = Object.entries(counts)
    .map(([name, value]) => ({ name, value }))
    .sort((one, other) => other.value - one.value);
  return (
    <Section title={words.roles}>
      {bars.length > 0 ? (
        <BarList label={words.roles} bars={bars} />
      ) : (
        <p className="text-sm text-quiet">{words.noUsers}</p>
      )}
    </Section>
  );
}

function Limits({ windows }: { windows: Statistics["windows"] }) {
  const session = useSession();
  return (
    <Section
      title={words.limits}
      actions={
        may(session, "admin") && windows.length > 0 ? <TextLink to="/limits">{words.allLimits}</TextLink> : undefined
      }
    >
      {windows.length > 0 ? (
        <div className="flex flex-col gap-4">
          {windows.map(({ name, limit, remaining }) => (
            <Gauge key={name} name={capitalised(words.windows[name] ?? name)} used={limit - remaining} limit={limit} />
          ))}
        </div>
      ) : (
        <div className="flex flex-col items-start gap-3 text-sm text-quiet">
          <p>{words.noLimits}</p>
          {may(session, "admin") && (
            <ButtonLink small to="/limits">
              {words.toLimits}
            </ButtonLink>
          )}
        </div>
      )}
    </Section>
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
