// One user: profile, custom fields, sessions, API keys, the latest events and access.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { api, call, type Schema } from "@/api/client";
import { asProblem } from "@/api/problems";
import { lackingOver, useRoles } from "@/api/roles";
import { may, useClientId, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Page } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { UserKeys } from "@/features/keys/UserKeys";
import { texts } from "@/texts";
import { AccessSection } from "./AccessSection";
import { ActivitySection } from "./ActivitySection";
import { CustomFieldsSection } from "./CustomFieldsSection";
import { type DeletedRows, GoneUser } from "./GoneUser";
import { ProfileSection } from "./ProfileSection";
import { Standing } from "./Standing";
import { UserSessions } from "./UserSessions";

type User = Schema<"UserView">;

const words = texts.users;

/** `/users/:user_id`. */
export function UserPage() {
  const { user_id: userId = "" } = useParams();
  return <OneUser key={userId} userId={userId} />;
}

function OneUser({ userId }: { userId: string }) {
  const clientId = useClientId();
  const queries = useQueryClient();
  const [gone, setGone] = useState<{ email: string; rows: DeletedRows } | null>(null);
  const query = useQuery({
    queryKey: ["users", clientId, userId],
    queryFn: () =>
      call(
        api.GET("/api/v1/{client_id}/users/{user_id}", {
          params: { path: { client_id: clientId, user_id: userId } },
        }),
      ),
    enabled: gone === null,
  });
  if (gone) return <GoneUser email={gone.email} rows={gone.rows} />;

  async function tellGone(email: string, rows: DeletedRows) {
    setGone({ email, rows });
    await queries.invalidateQueries({ queryKey: ["users", clientId, "list"] });
  }
  return (
    <Page
      title={query.data ? (query.data.full_name ?? query.data.email) : words.user}
      lead={
        <>
          <TextLink to="/users">{words.back}</TextLink>
          {query.data && (
            <span className="mt-1 flex flex-wrap items-center gap-2">
              {query.data.full_name !== null && <span>{query.data.email}</span>}
              <Standing user={query.data} />
            </span>
          )}
        </>
      }
    >
      <Loaded query={query} lines={12}>
        {(user) => <Sections user={user} onGone={(rows) => void tellGone(user.email, rows)} />}
      </Loaded>
    </Page>
  );
}

function Sections({ user, onGone }: { user: User; onGone: (rows: DeletedRows) => void }) {
  const session = useSession();
  const roles = useRoles();
  const missing = lackingOver(session, user.role, roles.data);
  const own = user.user_id === session.user.user_id;
  const writes = may(session, "users:write") && missing?.length === 0;
  return (
    <>
      {own && (
        <Notice title={words.you}>
          {words.yourAccount} <TextLink to="/account">{texts.navigation.account}</TextLink>
        </Notice>
      )}
      {may(session, "users:write") && !writes && <Beyond missing={missing} roles={roles} />}
      <ProfileSection user={user} writes={writes} />
      <CustomFieldsSection user={user} writes={writes} />
      {/* Whoever may change users may also see where they are logged in. */}
      {may(session, "users:write") && <UserSessions user={user} writes={writes} own={own} />}
      {may(session, "keys:read") && <UserKeys userId={user.user_id} />}
      {may(session, "audit:read") && <ActivitySection userId={user.user_id} />}
      {writes && !own && <AccessSection user={user} onGone={onGone} />}
    </>
  );
}

/** Why a user can be looked at, but not changed; nothing while that is still to be found out. */
function Beyond({ missing, roles }: { missing: string[] | null; roles: ReturnType<typeof useRoles> }) {
  if (missing === null && roles.isLoading) return null;
  if (missing === null && roles.error) {
    return <ProblemNotice problem={asProblem(roles.error)} onRetry={() => void roles.refetch()} />;
  }
  return (
    <Notice tone="warning" title={words.beyond}>
      {missing === null ? words.beyondUnknown : words.beyondLead(missing.join(", "))}
    </Notice>
  );
}
