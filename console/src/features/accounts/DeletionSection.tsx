// Deleting one's own account, which the only admin of a client cannot.
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { ownKey } from "@/api/factors";
import { useSession, useSessionState } from "@/api/session";
import { ConfirmButton } from "@/design/Dialog";
import { Notice } from "@/design/Feedback";
import { Section } from "@/design/Page";
import { texts } from "@/texts";

const words = texts.accounts.deletion;
const LEADERS = ["admin", "super_admin"];

/** The button, or why there is none. */
export function DeletionSection() {
  const { user, client } = useSession();
  const { leave } = useSessionState();
  const isLast = useIsOnlyAdmin();

  async function remove() {
    await call(api.DELETE("/api/v1/{client_id}/me", { params: { path: { client_id: client.client_id } } }));
    await leave().catch(() => location.assign(import.meta.env.BASE_URL)); // the session went with the account
  }

  return (
    <Section title={words.title} lead={words.lead}>
      {isLast ? (
        <Notice title={words.lastAdmin}>{words.lastAdminText}</Notice>
      ) : (
        <ConfirmButton
          label={words.button}
          title={words.dialogTitle}
          confirm={words.confirm}
          typed={user.email}
          onConfirm={remove}
        >
          {words.lead}
        </ConfirmButton>
      )}
    </Section>
  );
}

/** Whether nobody else leads the client, as far as one may know; the service refuses in any case. */
function useIsOnlyAdmin(): boolean {
  const session = useSession();
  const { role } = session.user;
  const admins = useQuery({
    queryKey: [...ownKey(session.client.client_id), "admins", role],
    queryFn: () =>
      call(
        api.GET("/api/v1/{client_id}/users", {
          params: { path: { client_id: session.client.client_id }, query: { role, status: "active", limit: 2 } },
        }),
      ),
    enabled: LEADERS.includes(role),
  });
  return admins.data?.items.length === 1;
}
