// Logging out everyone of the client, for when tokens may have been stolen.
import { api, call } from "@/api/client";
import { useClientId, useSession, useSessionState } from "@/api/session";
import { ConfirmButton } from "@/design/Dialog";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.users;

/** The section with that one button; whoever presses it is logged out too. */
export function EndAllSessions() {
  const clientId = useClientId();
  const { slug } = useSession().client;
  const { leave } = useSessionState();
  const tell = useToast();

  async function end() {
    const { revoked } = await call(
      api.POST("/api/v1/{client_id}/sessions/revoke-all", { params: { path: { client_id: clientId } } }),
    );
    tell(words.endAllEnded(revoked));
    // One's own session is gone too, so it may be refused even this.
    await leave().catch(() => location.reload());
  }

  return (
    <Section title={words.everybody}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-sm">{words.endAllLead}</p>
        <ConfirmButton
          label={words.endAll}
          title={words.endAll}
          confirm={words.endAllConfirm}
          typed={slug}
          onConfirm={end}
        >
          {words.endAllLead}
        </ConfirmButton>
      </div>
    </Section>
  );
}
