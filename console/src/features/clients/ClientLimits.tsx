// What a client may call: its tier, what is left of its windows, and what it has of its own.
import { api, call } from "@/api/client";
import { ConfirmButton } from "@/design/Dialog";
import { formatRelative } from "@/design/format";
import { Gauge } from "@/design/Gauge";
import { Lines } from "@/design/Lines";
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
      <div className="grid items-start gap-x-8 gap-y-4 lg:grid-cols-2">
        <Windows clientId={client.client_id} />
        <LimitLevels limits={client.limits} />
      </div>
    </Section>
  );
}

function Windows({ clientId }: { clientId: string }) {
  return (
    <Loaded query={useLimitStatus(clientId)} lines={5}>
      {({ windows, refusals_per_hour }) => (
        <div className="flex flex-col gap-3">
          {windows.length === 0 && <p className="text-sm">{words.noWindows}</p>}
          {windows.map((window) => (
            <Gauge
              key={window.name}
              name={words.limitNames[window.name as LimitName] ?? window.name}
              used={window.limit - window.remaining}
              limit={window.limit}
              note={window.remaining === window.limit ? words.allFree : words.freeAt(formatRelative(window.reset_at))}
            />
          ))}
          <p className="text-sm text-quiet">
            {words.refused(refusals_per_hour.reduce((sum, hour) => sum + hour.refusals, 0))}
          </p>
        </div>
      )}
    </Loaded>
  );
}

function LimitLevels({ limits }: { limits: Limits }) {
  const lines = LIMIT_NAMES.map((name) => ({
    name: words.limitNames[name],
    value: shownLimit(limits[name].value),
    note: <Source source={limits[name].source} />,
  }));
  return <Lines lines={lines} />;
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
