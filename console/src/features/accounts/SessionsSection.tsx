// Where one is logged in, and ending that.
import { useQueryClient } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { ownKey } from "@/api/factors";
import { useList } from "@/api/lists";
import { useClientId } from "@/api/session";
import { ConfirmButton } from "@/design/Dialog";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { More } from "@/design/Table";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { SessionRow } from "./SessionRow";

const words = texts.accounts.sessions;

/** The sessions, the one of this page marked. */
export function SessionsSection() {
  const clientId = useClientId();
  const queries = useQueryClient();
  const tell = useToast();
  const key = [...ownKey(clientId), "sessions"];
  const list = useList(key, (cursor) =>
    call(
      api.GET("/api/v1/{client_id}/me/sessions", {
        params: { path: { client_id: clientId }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  const others = list.data?.filter((one) => !one.current) ?? [];

  async function end(ended: Schema<"SessionView">[], said: string) {
    try {
      for (const { session_id } of ended) {
        const params = { path: { client_id: clientId, session_id } };
        await call(api.DELETE("/api/v1/{client_id}/me/sessions/{session_id}", { params }));
      }
      tell(said);
    } finally {
      await queries.invalidateQueries({ queryKey: key });
    }
  }

  return (
    <Section
      title={words.title}
      lead={words.lead}
      actions={
        others.length > 0 && (
          <ConfirmButton
            label={words.endOthers}
            title={words.endOthersTitle}
            confirm={words.endOthers}
            look="secondary"
            onConfirm={() => end(others, words.endedOthers(others.length))}
          >
            {words.endOthersText}
          </ConfirmButton>
        )
      }
    >
      <Loaded query={list} lines={3}>
        {(sessions) => (
          <ul className="divide-y divide-line">
            {sessions.map((one) => (
              <SessionRow key={one.session_id} session={one} onEnd={() => end([one], words.ended)} />
            ))}
          </ul>
        )}
      </Loaded>
      <More list={list} />
    </Section>
  );
}
