// One role: what it holds, who holds it, and deleting it.
import type { ReactNode } from "react";
import { useParams } from "react-router";
import { ADMIN_ROLE, lacking, OPERATOR_ROLE, type Role, useRoles } from "@/api/roles";
import { may, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Badge, EmptyState, Notice } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Facts, Page, Section } from "@/design/Page";
import { ScopeMeanings } from "@/design/Scopes";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { DeleteRole } from "./DeleteRole";
import { PermissionsForm } from "./PermissionsForm";
import { useHolders } from "./useHolders";

const words = texts.roles;

/** `/roles/:name`. The list of roles is short and read whole, so that a role needs no call of its own. */
export function RolePage() {
  const { name = "" } = useParams();
  const query = useRoles({ needed: true });
  return (
    <Page title={name} lead={<TextLink to="/roles">{words.back}</TextLink>}>
      <Loaded query={query} lines={8}>
        {(roles) => {
          const role = roles.find((one) => one.name === name);
          return role ? <OneRole key={name} role={role} /> : <EmptyState title={words.none} />;
        }}
      </Loaded>
    </Page>
  );
}

function OneRole({ role }: { role: Role }) {
  const session = useSession();
  const fixed = role.name === ADMIN_ROLE || role.name === OPERATOR_ROLE;
  const missing = fixed ? [] : lacking(session, role.permissions);
  const writes = may(session, "roles:write") && !fixed && missing.length === 0;
  return (
    <>
      {may(session, "roles:write") && missing.length > 0 && (
        <Notice tone="warning" title={words.beyond}>
          {words.beyondLead(missing.join(", "))}
        </Notice>
      )}
      <RoleFacts role={role} />
      <Section title={words.may} lead={fixed ? words.adminFixed : writes && words.mayHint}>
        {writes ? <PermissionsForm role={role} /> : <ScopeMeanings scopes={role.permissions} />}
      </Section>
      {writes && !role.built_in && <DeleteRole name={role.name} />}
    </>
  );
}

/** When it was created and changed; of a role that came with the service neither is known. */
function timesOf({ created_at, updated_at }: Role): [string, ReactNode][] {
  const times: [string, ReactNode][] = [];
  if (created_at) times.push([words.madeAt, <Time key="made" at={created_at} exact />]);
  if (updated_at) times.push([words.changed, <Time key="changed" at={updated_at} exact />]);
  return times;
}

function RoleFacts({ role }: { role: Role }) {
  const session = useSession();
  const { data: holders } = useHolders();
  const count = holders && words.usersCount(holders[role.name] ?? 0);
  const people = may(session, "users:read") ? (
    <TextLink to={`/users?role=${role.name}`}>{count ?? words.showHolders}</TextLink>
  ) : (
    count
  );
  return (
    <Section title={words.facts} lead={role.name === "user" ? words.userHint : undefined}>
      <Facts
        facts={[
          [
            words.kind,
            <Badge key="kind" tone={role.built_in ? "info" : "neutral"}>
              {role.built_in ? words.builtIn : words.own}
            </Badge>,
          ],
          [words.users, people],
          ...timesOf(role),
        ]}
      />
    </Section>
  );
}
