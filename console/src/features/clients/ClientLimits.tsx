// What a client may call: its tier, what is left of its windows, and what it has of its own.
import { api, call, type Schema } from "@/api/client";
import { ConfirmButton } from "@/design/Dialog";
import { formatRelative } from "@/design/format";
import { Gauge } from "@/design/Gauge";
import { type Line, Lines } from "@/design/Lines";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { Source } from "./ClientSettingLevels";
import { type Client, useChangeClient, useLimitStatus, useRereadLimits } from "./clientQueries";
import { LIMIT_NAMES, type LimitName, type Limits, ownLimits, shownLimit } from "./limitWords";
import { OverridesButton } from "./OverridesButton";
import { TierButton } from "./TierButton";

const words = texts.clients;

/** Windows, limits with their levels, and what an operator changes of them. */
export function ClientLimits({ client }: { client: Client }) {
  return (
    <Section
      title={words.limits}
      lead={`${words.tier}: ${client.tier}. ${words.limitsLead}`}
      actions={
        <>
          <TierButton client={client} />
          <OverridesButton client={client} />
          <TakeBackButton client={client} />
          <ResetButton clientId={client.client_id} />
        </>
      }
    >
      <Levels client={client} />
    </Section>
  );
}

/** Each limit once: a window with what is used of it, a number else. */
function Levels({ client: { client_id, limits } }: { client: Client }) {
  return (
    <Loaded query={useLimitStatus(client_id)} lines={8}>
      {({ windows, refusals_per_hour }) => (
        <div className="flex flex-col gap-5">
          {windows.length === 0 && <p className="text-sm">{words.noWindows}</p>}
          <div className="grid gap-x-10 gap-y-4 empty:hidden lg:grid-cols-2">
            {windows.map((window) => (
              <OneWindow key={window.name} window={window} level={limits[window.name as LimitName]} />
            ))}
          </div>
          <p className="text-sm text-quiet">
            {words.refused(refusals_per_hour.reduce((sum, hour) => sum + hour.refusals, 0))}
          </p>
          <Lines lines={linesOf(limits, new Set(windows.map((window) => window.name)))} columns />
        </div>
      )}
    </Loaded>
  );
}

function OneWindow({ window, level }: { window: Schema<"WindowStatus">; level: Limits[LimitName] | undefined }) {
  const { name, limit, remaining, reset_at } = window;
  return (
    <Gauge
      name={words.limitNames[name as LimitName] ?? name}
      used={limit - remaining}
      limit={limit}
      note={
        <span className="flex flex-wrap items-center justify-between gap-x-4">
          <span>{remaining === limit ? words.allFree : words.freeAt(formatRelative(reset_at))}</span>
          {level && <Source source={level.source} />}
        </span>
      }
    />
  );
}

/** The limits that have no window of the client's: those of each user, and what has no limit. */
function linesOf(limits: Limits, shown: Set<string>): Line[] {
  return LIMIT_NAMES.filter((name) => !shown.has(name)).map((name) => ({
    name: words.limitNames[name],
    value: shownLimit(limits[name].value),
    note: <Source source={limits[name].source} />,
  }));
}

function TakeBackButton({ client }: { client: Client }) {
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  const count = Object.keys(ownLimits(client.limits)).length;
  if (count === 0) return null;
  return (
    <ConfirmButton
      label={words.takeBack}
      title={words.takeBackTitle}
      confirm={words.takeBack}
      look="secondary"
      onConfirm={async () => {
        await change({ limits: {} });
        tell(words.overridesSaved);
      }}
    >
      {words.takeBackSays(count, client.tier)}
    </ConfirmButton>
  );
}

function ResetButton({ clientId }: { clientId: string }) {
  const reread = useRereadLimits(clientId);
  const tell = useToast();
  return (
    <ConfirmButton
      label={words.reset}
      title={words.resetTitle}
      confirm={words.reset}
      look="secondary"
      onConfirm={async () => {
        await call(api.POST("/api/v1/clients/{client_id}/limits/reset", { params: { path: { client_id: clientId } } }));
        await reread();
        tell(words.resetDone);
      }}
    >
      {words.resetSays}
    </ConfirmButton>
  );
}
