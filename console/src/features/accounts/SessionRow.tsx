// One session of the account: where it is, since when, and ending it.
import type { Schema } from "@/api/client";
import { ConfirmButton } from "@/design/Dialog";
import { formatDevice } from "@/design/device";
import { Badge } from "@/design/Feedback";
import { Time } from "@/design/Time";
import { texts } from "@/texts";

const words = texts.accounts.sessions;

/** A row of the list of sessions; that of this page is ended by logging out. */
export function SessionRow({ session, onEnd }: { session: Schema<"SessionView">; onEnd: () => Promise<unknown> }) {
  const device = formatDevice(session.user_agent) || words.unknown;
  const place = session.ip_address ?? words.unknown;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 text-sm first:pt-0 last:pb-0">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium" title={session.user_agent ?? undefined}>
            {device}
          </span>
          {session.current && <Badge tone="good">{words.current}</Badge>}
          {session.impersonated && <Badge tone="warning">{words.impersonated}</Badge>}
        </p>
        <p className="text-quiet">
          {place} · {words.begun} <Time at={session.created_at} /> · <Seen session={session} />
        </p>
      </div>
      {!session.current && (
        <ConfirmButton
          label={words.end}
          name={words.endOf(device)}
          title={words.endTitle(device)}
          confirm={words.end}
          look="secondary"
          onConfirm={onEnd}
        >
          {words.endText}
        </ConfirmButton>
      )}
    </li>
  );
}

/** That of this page is in use, though the service notes it but once in a while. */
function Seen({ session }: { session: Schema<"SessionView"> }) {
  if (session.current) return words.now;
  return (
    <>
      {words.seen} <Time at={session.last_seen_at} />
    </>
  );
}
