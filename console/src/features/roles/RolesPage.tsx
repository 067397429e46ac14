// All roles of the client, and making one.
import { useState } from "react";
import { asProblem } from "@/api/problems";
import { type Role, useRoles } from "@/api/roles";
import { may, useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Badge, EmptyState } from "@/design/Feedback";
import { formatNumber } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Page, Section } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { type Column, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { AddRoleDialog } from "./AddRoleDialog";
import { HOLDERS_SCOPE, useHolders } from "./useHolders";

const words = texts.roles;
const NAMED = 4;
const COLUMNS: Column<Role>[] = [
  { name: words.name, show: (role) => role.name },
  { name: words.kind, show: (role) => <Badge tone={role.built_in ? "info" : "neutral"}>{kindOf(role)}</Badge> },
  { name: words.permissions, show: (role) => <Held role={role} /> },
];
const CHANGED: Column<Role> = {
  name: words.changed,
  show: (role) => (role.updated_at ? <Time at={role.updated_at} /> : words.never),
};

/** `/roles`. */
export function RolesPage() {
  const session = useSession();
  const query = useRoles({ needed: true });
  const holders = useHolders();
  const [adding, setAdding] = useState(false);
  const writes = may(session, "roles:write");
  const users: Column<Role>[] = may(session, HOLDERS_SCOPE)
    ? [{ name: words.users, figures: true, show: (role) => holders.data && formatNumber(holders.data[role.name] ?? 0) }]
    : [];
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={writes && query.data && add}>
      <Section title={words.back}>
        <Loaded query={query} lines={5}>
          {(roles) => (
            <div className="flex flex-col gap-4">
              {holders.error && (
                <ProblemNotice problem={asProblem(holders.error)} onRetry={() => void holders.refetch()} />
              )}
              <Table
                caption={words.caption}
                columns={[...COLUMNS, ...users, CHANGED]}
                rows={roles}
                rowKey={(role) => role.name}
                to={(role) => `/roles/${role.name}`}
              />
              {writes && roles.every((role) => role.built_in) && (
                <EmptyState title={words.ownNone}>{words.ownNoneLead}</EmptyState>
              )}
              {adding && <AddRoleDialog names={roles.map((role) => role.name)} onClose={() => setAdding(false)} />}
            </div>
          )}
        </Loaded>
      </Section>
    </Page>
  );
}

function kindOf(role: Role): string {
  return role.built_in ? words.builtIn : words.own;
}

function Held({ role: { name, permissions } }: { role: Role }) {
  if (name === "admin" || name === "super_admin") return <>{words.everything}</>;
  if (permissions.length === 0) return <>{words.nothing}</>;
  const left = permissions.length - NAMED;
  return (
    <span>
      <code className="font-mono">{permissions.slice(0, NAMED).join(", ")}</code>
      {left > 0 && ` ${words.more(left)}`}
    </span>
  );
}
