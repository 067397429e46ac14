// One API key: what it is and may do, how much it was used, and what was done with it.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useParams } from "react-router";
import { api, call } from "@/api/client";
import { may, useClientId, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { CopyableId } from "@/design/Copy";
import { Notice } from "@/design/Feedback";
import { formatNumber } from "@/design/format";
import { LatestEvents } from "@/design/LatestEvents";
import { Loaded } from "@/design/Loaded";
import { Facts, Page, Section } from "@/design/Page";
import { ScopeMeanings } from "@/design/Scopes";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { IssuedKey } from "./IssuedKey";
import { DeleteButton, KeyActions } from "./KeyActions";
import { KeyMask, KeyOwner, KeyState } from "./KeyState";
import { Replaces } from "./KeyTwins";
import { KeyUsage } from "./KeyUsage";
import { handles, type Issued, type Key, type State, stateOf } from "./keys";
import { countsOlder, rotationInto } from "./succession";
import { readHistory, useOlder } from "./twins";

const words = texts.keys;

/** The page of the key that the address names. */
export function KeyPage() {
  const { key_id: keyId = "" } = useParams();
  const clientId = useClientId();
  const path = { client_id: clientId, key_id: keyId };
  const query = useQuery({
    queryKey: ["keys", clientId, keyId],
    queryFn: () => call(api.GET("/api/v1/{client_id}/keys/{key_id}", { params: { path } })),
  });
  if (query.data) return <Shown key={keyId} of={query.data} />;
  return (
    <Page title={words.facts} lead={<TextLink to="/keys">{words.back}</TextLink>}>
      <Loaded query={query} lines={10}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Shown({ of }: { of: Key }) {
  const session = useSession();
  const clientId = useClientId();
  const [issued, setIssued] = useState<Issued | null>(null);
  const seesHistory = may(session, "audit:read");
  const history = useQuery({
    queryKey: ["keys", clientId, of.key_id, "history"],
    queryFn: () => readHistory(clientId, of),
    enabled: seesHistory,
  });
  const older = useOlder(of).data ?? [];
  const rotation = rotationInto(of, history.data ?? []);
  const isSuccessor = older.length > 0 || rotation !== undefined || countsOlder(of);
  const successor = issued?.key_id ?? of.replaced_by;
  const state = stateOf(of);
  return (
    <Page
      title={of.name}
      lead={<TextLink to="/keys">{words.back}</TextLink>}
      actions={
        handles(session, of) && (
          <KeyActions of={of} state={state} isReplaced={successor !== null} onRotated={setIssued} />
        )
      }
    >
      {issued && <IssuedKey issued={issued} link onDone={() => setIssued(null)} />}
      {!issued && successor && <Replaced successor={successor} isWorking={state === "rotating"} />}
      <KeyFacts
        of={of}
        state={state}
        replaces={isSuccessor && <Replaces older={older} ended={rotation?.key_id ?? null} />}
      />
      <Section title={words.scopesTitle}>
        {of.kind === "publishable" ? (
          <p className="text-sm text-quiet">{words.publishableScopes}</p>
        ) : (
          <ScopeMeanings scopes={of.scopes} />
        )}
      </Section>
      <KeyUsage
        keyId={of.key_id}
        together={of.replaced_by ? words.togetherNewer : isSuccessor ? words.togetherOlder : undefined}
      />
      {seesHistory && (
        <LatestEvents
          filter={`key_id=${of.key_id}`}
          lead={rotation && words.historyRotated}
          empty={words.historyEmpty}
          query={history}
        />
      )}
      {handles(session, of) && (
        <Section title={words.deleteSection} lead={words.deleteLead}>
          <DeleteButton of={of} />
        </Section>
      )}
    </Page>
  );
}

function Replaced({ successor, isWorking }: { successor: string; isWorking: boolean }) {
  return (
    <Notice tone={isWorking ? "warning" : "neutral"} title={words.rotatingTitle}>
      {isWorking && <p>{words.rotatingText}</p>}
      <TextLink to={`/keys/${successor}`}>{words.replacedBy}</TextLink>
    </Notice>
  );
}

function KeyFacts({ of, state, replaces }: { of: Key; state: State; replaces: ReactNode }) {
  const facts: [string, ReactNode][] = [
    [words.state, <KeyState key="state" state={state} />],
    [words.kindFact, words.kinds[of.kind]],
    [words.key, <KeyMask key="key" of={of} />],
    [words.keyId, <CopyableId key="id" id={of.key_id} />],
    [words.owner, <KeyOwner key="owner" of={of} />],
    [words.created, <Time key="created" at={of.created_at} exact />],
    endOf(of),
    ...(replaces ? [[words.replaces, replaces] as [string, ReactNode]] : []),
    [words.rateLimits, windowsIn(of)],
    ...(of.kind === "publishable" ? [[words.origins, placesIn(of.allowed_origins)] as [string, ReactNode]] : []),
    [words.ips, placesIn(of.allowed_ips)],
  ];
  return (
    <Section title={words.facts}>
      <Facts facts={facts} />
    </Section>
  );
}

function endOf({ status, revoked_at, expires_at }: Key): [string, ReactNode] {
  if (revoked_at) return [words.revokedAt, <Time key="end" at={revoked_at} exact />];
  const name = status === "expired" ? words.states.expired : words.expires;
  return [name, expires_at ? <Time key="end" at={expires_at} exact /> : texts.common.never];
}

function windowsIn({ rate_limit: { requests_per_minute, requests_per_hour, requests_per_day } }: Key): string {
  const named = [
    requests_per_minute && words.rateMinute(formatNumber(requests_per_minute)),
    requests_per_hour && words.rateHour(formatNumber(requests_per_hour)),
    requests_per_day && words.rateDay(formatNumber(requests_per_day)),
  ].filter(Boolean);
  return named.length > 0 ? named.join(", ") : words.noneOfItsOwn;
}

function placesIn(places: string[]): ReactNode {
  return places.length > 0 ? <code className="font-mono">{places.join(", ")}</code> : words.anywhere;
}
