// The API keys of the client, or one's own.
import { useState } from "react";
import { api, call } from "@/api/client";
import { useList } from "@/api/lists";
import { may, useClientId, useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { EmptyState } from "@/design/Feedback";
import { FilterSelect, Filters } from "@/design/Filters";
import { Loaded } from "@/design/Loaded";
import { Box, Page } from "@/design/Page";
import { type Column, More, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { useFilters } from "@/design/useFilters";
import { texts } from "@/texts";
import { AccessKey } from "./AccessKey";
import { CreateKey } from "./CreateKey";
import { IssuedKey } from "./IssuedKey";
import { KeyEnd, KeyMask, KeyOwner, KeyState } from "./KeyState";
import { TwinLinks } from "./KeyTwins";
import { type Issued, type Key, stateOf } from "./keys";

const words = texts.keys;
const FILTERS = ["kind", "status"] as const;
const KINDS: [string, string][] = [["", words.allKinds], ...Object.entries(words.kinds)];
const STATES: [string, string][] = [
  ["", words.allStates],
  ["active", words.onlyActive],
];

/** The keys that the person may see. */
export function KeysPage() {
  const session = useSession();
  const [creating, setCreating] = useState(false);
  const [issued, setIssued] = useState<Issued | null>(null);
  const sees = may(session, "keys:read");
  return (
    <Page
      title={words.title}
      lead={sees ? words.lead : words.leadOwn}
      actions={
        <Button look="primary" onClick={() => setCreating(true)}>
          {words.create}
        </Button>
      }
    >
      {issued && <IssuedKey issued={issued} link onDone={() => setIssued(null)} />}
      <Keys withOwner={sees} onCreate={() => setCreating(true)} />
      {may(session, "admin") && !session.client.is_platform && <AccessKey />}
      {creating && (
        <CreateKey
          onClose={() => setCreating(false)}
          onMade={(made) => {
            setCreating(false);
            setIssued(made);
          }}
        />
      )}
    </Page>
  );
}

function Keys({ withOwner, onCreate }: { withOwner: boolean; onCreate: () => void }) {
  const clientId = useClientId();
  const [chosen, choose, clear] = useFilters(FILTERS);
  const query = queryOf(chosen);
  const list = useList(
    ["keys", clientId, "list", chosen],
    (cursor, signal) => {
      const params = { path: { client_id: clientId }, query: { ...query, ...(cursor ? { cursor } : {}) } };
      return call(api.GET("/api/v1/{client_id}/keys", { params, signal }));
    },
    { keepPrevious: true },
  );
  const isFiltered = Object.keys(query).length > 0;
  return (
    <div className="flex flex-col gap-4">
      <Filters name={words.filters}>
        <FilterSelect
          label={words.kind}
          value={chosen.kind}
          options={KINDS}
          onChoose={(kind) => choose("kind", kind)}
        />
        <FilterSelect
          label={words.state}
          value={chosen.status}
          options={STATES}
          onChoose={(status) => choose("status", status)}
        />
      </Filters>
      <Loaded query={list} lines={8}>
        {(keys) =>
          keys.length === 0 ? (
            <NoKeys isFiltered={isFiltered} onClear={clear} onCreate={onCreate} />
          ) : (
            <Box>
              <Table
                caption={words.listName}
                columns={columnsOf(withOwner, keys)}
                rows={keys}
                rowKey={(key) => key.key_id}
                to={(key) => `/keys/${key.key_id}`}
                busy={list.isPrevious}
              />
              <More list={list} />
            </Box>
          )
        }
      </Loaded>
    </div>
  );
}

function queryOf({ kind, status }: Record<(typeof FILTERS)[number], string>) {
  const query: { kind?: Key["kind"]; status?: "active" } = {};
  if (kind === "secret" || kind === "publishable") query.kind = kind;
  if (status === "active") query.status = status;
  return query;
}

function NoKeys({ isFiltered, onClear, onCreate }: { isFiltered: boolean; onClear: () => void; onCreate: () => void }) {
  if (isFiltered) {
    return (
      <EmptyState title={words.emptyFiltered} action={<Button onClick={onClear}>{texts.common.noFilters}</Button>} />
    );
  }
  return (
    <EmptyState title={words.emptyTitle} action={<Button onClick={onCreate}>{words.create}</Button>}>
      {words.emptyText}
    </EmptyState>
  );
}

function columnsOf(withOwner: boolean, keys: Key[]): Column<Key>[] {
  return [
    { name: words.name, show: (key) => <span className="block lg:min-w-32">{key.name}</span> },
    { name: words.state, show: (key) => <Standing of={key} among={keys} /> },
    { name: words.key, show: (key) => <Shown of={key} />, wide: true },
    { name: words.scopes, show: (key) => <Scopes of={key} />, wide: true },
    ...(withOwner ? [{ name: words.owner, show: (key: Key) => <KeyOwner of={key} /> }] : []),
    { name: words.lastUsed, show: (key) => (key.last_used_at ? <Time at={key.last_used_at} /> : texts.common.never) },
    { name: words.expires, show: (key) => <Life of={key} /> },
  ];
}

function Standing({ of, among }: { of: Key; among: Key[] }) {
  return (
    <>
      <KeyState state={stateOf(of)} />
      <TwinLinks of={of} among={among} />
    </>
  );
}

function Shown({ of }: { of: Key }) {
  return (
    <>
      <KeyMask of={of} />
      <span className="block text-xs text-quiet">{words.kinds[of.kind]}</span>
    </>
  );
}

function Life({ of }: { of: Key }) {
  return (
    <>
      <KeyEnd of={of} />
      <span className="block text-xs whitespace-nowrap text-quiet sm:max-xl:hidden">
        {words.created} <Time at={of.created_at} />
      </span>
    </>
  );
}

const MOST_SHOWN = 3;

function Scopes({ of: { scopes, kind } }: { of: Key }) {
  if (kind === "publishable") return words.publishableShort;
  if (scopes.length === 0) return words.noScopes;
  const rest = scopes.length - MOST_SHOWN;
  return (
    <span className="flex flex-wrap gap-x-2 max-sm:justify-end">
      {scopes.slice(0, MOST_SHOWN).map((scope) => (
        <code key={scope} className="font-mono text-xs leading-5">
          {scope}
        </code>
      ))}
      {rest > 0 && <span className="text-xs leading-5 text-quiet">{words.moreScopes(rest)}</span>}
    </span>
  );
}
