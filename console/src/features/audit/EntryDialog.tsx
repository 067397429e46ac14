// One entry with all that is known of it.
import type { ReactNode } from "react";
import { may, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { CopyableId } from "@/design/Copy";
import { Dialog } from "@/design/Dialog";
import { EventResult } from "@/design/Event";
import { Facts } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { Details } from "./Details";
import type { Entry } from "./entries";

const words = texts.audit.entry;

/** The entry in a dialog. */
export function EntryDialog({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const session = useSession();
  const { action, status, user_id, key_id, detail } = entry;
  const mayRead = may(session, "users:read");
  return (
    <Dialog title={texts.audit.actions[action] ?? action} onClose={onClose}>
      <Facts
        facts={[
          [words.action, <code key="action">{action}</code>],
          [words.result, <EventResult key="result" status={status} />],
          [words.time, <Time key="time" exact at={entry.timestamp} />],
          [
            words.user,
            user_id && (
              <Named id={user_id}>
                {mayRead && <TextLink to={`/users/${user_id}`}>{words.openUser}</TextLink>}
                <Narrowing to={`/audit?user_id=${user_id}`} onClose={onClose}>
                  {words.onlyUser}
                </Narrowing>
              </Named>
            ),
          ],
          [
            words.key,
            key_id && (
              <Named id={key_id}>
                {may(session, "keys:read") && <TextLink to={`/keys/${key_id}`}>{words.openKey}</TextLink>}
                <Narrowing to={`/audit?key_id=${key_id}`} onClose={onClose}>
                  {words.onlyKey}
                </Narrowing>
              </Named>
            ),
          ],
          [words.address, entry.ip_address],
          [words.agent, entry.user_agent],
          [words.request, entry.request_id && <CopyableId id={entry.request_id} />],
          [words.id, <CopyableId key="id" id={entry.audit_id} />],
        ]}
      />
      <h3 className="mt-4 mb-2 text-sm font-semibold">{words.detail}</h3>
      {Object.keys(detail).length > 0 ? (
        <Details detail={detail} />
      ) : (
        <p className="text-sm text-quiet">{words.noDetail}</p>
      )}
    </Dialog>
  );
}

function Named({ id, children }: { id: string; children: ReactNode }) {
  return (
    <>
      <CopyableId id={id} />
      <span className="flex flex-wrap gap-x-4">{children}</span>
    </>
  );
}

/** A link to this very page with another filter, which closes the dialog. */
function Narrowing({ to, onClose, children }: { to: string; onClose: () => void; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on the link inside is a click too
    // biome-ignore lint/a11y/noStaticElementInteractions: the link inside is what one acts on
    <span onClick={onClose}>
      <TextLink to={to}>{children}</TextLink>
    </span>
  );
}
