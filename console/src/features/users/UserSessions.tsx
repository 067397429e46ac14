// Where a user is logged in, and logging it out.
import { api, call, type Schema } from "@/api/client";
import { useList } from "@/api/lists";
import { useClientId } from "@/api/session";
import { ConfirmButton } from "@/design/Dialog";
import { formatDevice } from "@/design/device";
import { Badge } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { type Column, More, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { EndSession } from "./EndSession";
import { useRefreshUser } from "./useChangeUser";

type Session = Schema<"SessionView">;

const words = texts.users;

/** The live sessions, newest first. */
export function UserSessions({ user, writes, own }: { user: Schema<"UserView">; writes: boolean; own: boolean }) {
  const clientId = useClientId();
  const path = { client_id: clientId, user_id: user.user_id };
  const list = useList(["users", clientId, user.user_id, "sessions"], (cursor) =>
    call(
      api.GET("/api/v1/{client_id}/users/{user_id}/sessions", {
        params: { path, query: cursor ? { cursor } : {} },
      }),
    ),
  );
  return (
    <Section
      title={words.sessions}
      lead={words.sessionsLead}
      actions={writes && !own && (list.data?.length ?? 0) > 0 && <EndTheirs user={user} />}
    >
      <Loaded query={list} lines={2}>
        {(sessions) =>
          sessions.length > 0 ? (
            <Table
              caption={words.sessions}
              columns={columnsOf(user.user_id, writes)}
              rows={sessions}
              rowKey={(session) => session.session_id}
            />
          ) : (
            <p className="text-sm text-quiet">{words.noSessions}</p>
          )
        }
      </Loaded>
      <More list={list} />
    </Section>
  );
}

function columnsOf(userId: string, writes: boolean): Column<Session>[] {
  const columns: Column<Session>[] = [
    { name: words.device, show: (session) => <Device session={session} /> },
    { name: words.address, show: (session) => session.ip_address },
    { name: words.started, show: (session) => <Time at={session.created_at} /> },
    { name: words.lastSeen, show: (session) => <Time at={session.last_seen_at} /> },
  ];
  if (!writes) return columns;
  const end = (session: Session) => !session.current && <EndSession userId={userId} session={session} />;
  return [...columns, { name: words.action, show: end, action: true }];
}

function Device({ session }: { session: Session }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-2 max-sm:justify-end">
      <span title={session.user_agent ?? undefined}>{formatDevice(session.user_agent) || words.unknownDevice}</span>
      {session.current && <Badge tone="good">{words.thisSession}</Badge>}
      {session.impersonated && <Badge tone="warning">{words.impersonated}</Badge>}
    </span>
  );
}

function EndTheirs({ user }: { user: Schema<"UserView"> }) {
  const clientId = useClientId();
  const refresh = useRefreshUser(user.user_id);
  const tell = useToast();

  async function end() {
    await call(
      api.DELETE("/api/v1/{client_id}/users/{user_id}/sessions", {
        params: { path: { client_id: clientId, user_id: user.user_id } },
      }),
    );
    await refresh();
    tell(words.allEnded);
  }
  return (
    <ConfirmButton
      label={words.endTheirs}
      title={words.endTheirsTitle(user.email)}
      confirm={words.endTheirs}
      look="secondary"
      onConfirm={end}
    >
      {words.endTheirsBody}
    </ConfirmButton>
  );
}
