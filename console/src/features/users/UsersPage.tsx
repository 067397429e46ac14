// All users of the client: found, filtered, added, and taken in and out.
import { useState } from "react";
import { api, call, type Schema } from "@/api/client";
import { useList } from "@/api/lists";
import { useRoles } from "@/api/roles";
import { may, useClientId, useSession } from "@/api/session";
import { Button, ButtonLink } from "@/design/Button";
import { EmptyState } from "@/design/Feedback";
import { FilterSelect, Filters, FilterText, SearchField } from "@/design/Filters";
import { Loaded } from "@/design/Loaded";
import { Page, Section } from "@/design/Page";
import { type Column, More, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { useFilters } from "@/design/useFilters";
import { UsersExport } from "@/features/transfer/UsersExport";
import { texts } from "@/texts";
import { AddUserDialog } from "./AddUserDialog";
import { EndAllSessions } from "./EndAllSessions";
import { FirstUsers } from "./FirstUsers";
import { NewOperator } from "./NewOperator";
import { Standing, statusName } from "./Standing";

type User = Schema<"UserView">;

const words = texts.users;
const NAMES = ["q", "role", "status", "sort"] as const;
const STATUSES = ["active", "invited", "disabled"] as const;
const PAGE = 50;
/** A search waits for a short rest in the typing: each one counts in the person's rate limit. */
const REST_MS = 250;
const COLUMNS: Column<User>[] = [
  { name: words.email, show: (user) => <span className="block min-[1400px]:min-w-72">{user.email}</span> },
  { name: words.name, show: (user) => <Name user={user} /> },
  { name: words.role, show: (user) => <span className="block sm:min-w-16">{user.role}</span> },
  { name: words.status, show: (user) => <Standing user={user} /> },
  {
    name: words.lastLogin,
    show: (user) => (user.last_login_at ? <Time at={user.last_login_at} /> : texts.common.never),
  },
  { name: words.created, show: (user) => <Time at={user.created_at} /> },
];

/** Room enough for most names to stand in one line. */
function Name({ user }: { user: User }) {
  return <span className="block xl:min-w-36">{user.full_name ?? user.username ?? "–"}</span>;
}

/** `/users`. */
export function UsersPage() {
  const session = useSession();
  const [adding, setAdding] = useState(false);
  const writes = may(session, "users:write");
  const { is_platform } = session.client;
  const adds = writes && !is_platform; // its operators are made on the command line alone
  return (
    <Page
      title={words.title}
      lead={is_platform ? words.operatorsLead : words.lead}
      actions={
        adds && (
          <>
            <ButtonLink to="/users/import">{texts.transfer.users.import}</ButtonLink>
            <Button look="primary" onClick={() => setAdding(true)}>
              {words.add}
            </Button>
          </>
        )
      }
    >
      <Everybody />
      {is_platform && <NewOperator />}
      {may(session, "users:read") && <UsersExport />}
      {writes && <EndAllSessions />}
      {adding && <AddUserDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Everybody() {
  const [{ q, role, status, sort }, choose, clear, cleared] = useFilters(NAMES);
  const { client, user: me } = useSession();
  const isAlone = !client.is_platform && !(q || role || status);
  const list = useUsers({ q, role, status, sort });
  return (
    <Section title={words.back}>
      <div className="flex flex-col gap-4">
        <Filters key={cleared} name={words.find}>
          <SearchField
            label={words.search}
            hint={words.searchHint}
            value={q}
            restMs={REST_MS}
            onSearch={(text) => choose("q", text)}
          />
          <RoleFilter value={role} onChoose={(value) => choose("role", value)} />
          <FilterSelect
            label={words.status}
            value={status}
            options={[["", texts.common.all], ...STATUSES.map((one): [string, string] => [one, statusName(one)])]}
            onChoose={(value) => choose("status", value)}
          />
          <FilterSelect
            label={words.sort}
            value={sort}
            options={[
              ["", words.newest],
              ["email", words.byEmail],
            ]}
            onChoose={(value) => choose("sort", value)}
          />
        </Filters>
        <Loaded query={list} lines={12}>
          {(users) =>
            users.length > 0 ? (
              <Table
                caption={words.caption}
                columns={COLUMNS}
                rows={users}
                rowKey={(user) => user.user_id}
                to={(user) => `/users/${user.user_id}`}
                busy={list.isPrevious}
              />
            ) : (
              <NoMatch onClear={clear} />
            )
          }
        </Loaded>
        <More list={list} />
        {isAlone && list.data?.length === 1 && list.data[0]?.user_id === me.user_id && <FirstUsers />}
      </div>
    </Section>
  );
}

function useUsers({ q, role, status, sort }: Record<(typeof NAMES)[number], string>) {
  const clientId = useClientId();
  const wanted = {
    ...(q && { q }),
    ...(role && { role }),
    ...(isStatus(status) && { status }),
    ...(sort === "email" && { sort: "email" as const }),
  };
  return useList(
    ["users", clientId, "list", wanted],
    (cursor, signal) =>
      call(
        api.GET("/api/v1/{client_id}/users", {
          params: { path: { client_id: clientId }, query: { ...wanted, limit: PAGE, ...(cursor && { cursor }) } },
          signal,
        }),
      ),
    { keepPrevious: true },
  );
}

function isStatus(text: string): text is (typeof STATUSES)[number] {
  return (STATUSES as readonly string[]).includes(text);
}

/** By name from the client's roles, or typed by whoever may not list them. */
function RoleFilter({ value, onChoose }: { value: string; onChoose: (value: string) => void }) {
  const roles = useRoles();
  if (!may(useSession(), "roles:read")) return <FilterText label={words.role} value={value} onChoose={onChoose} />;
  const names = (roles.data ?? []).map((role) => role.name);
  if (value && !names.includes(value)) names.push(value);
  return (
    <FilterSelect
      label={words.role}
      value={value}
      options={[["", texts.common.all], ...names.map((name): [string, string] => [name, name])]}
      onChoose={onChoose}
    />
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState title={words.noMatch} action={<Button onClick={onClear}>{texts.common.noFilters}</Button>}>
      {words.noMatchLead}
    </EmptyState>
  );
}
