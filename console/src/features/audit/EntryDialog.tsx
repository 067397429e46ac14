// One entry with all that is known of it.
import type { ReactNode } from "react";
import { TextLink } from "@/design/Button";
import { CopyableId } from "@/design/Copy";
import { Dialog } from "@/design/Dialog";
import { EventResult } from "@/design/Event";
import { nameOf } from "@/design/events";
import { Facts } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { Details } from "./Details";
import type { Entry } from "./entries";
import type { Naming } from "./naming";
import { key, user } from "./parts";
import { About, Who } from "./Told";

const words = texts.audit.entry;

/** The entry in a dialog. */
export function EntryDialog({ entry, naming, onClose }: { entry: Entry; naming: Naming; onClose: () => void }) {
  const { action, user_id, key_id, detail } = entry;
  return (
    <Dialog title={nameOf(entry) ?? action} onClose={onClose}>
      <Facts
        facts={[
          [words.action, <code key="action">{action}</code>],
          [words.result, <EventResult key="result" event={entry} />],
          [words.time, <Time key="time" exact="second" at={entry.timestamp} />],
          [words.by, <Who key="by" entry={entry} naming={naming} />],
          [words.about, <About key="about" entry={entry} naming={naming} />],
          [
            words.user,
            user_id && (
              <Identified id={user_id}>
                <Opening to={naming.placeOf(user(user_id))}>{words.openUser}</Opening>
                <Narrowing to={`/audit?user_id=${user_id}`} onClose={onClose}>
                  {words.onlyUser}
                </Narrowing>
              </Identified>
            ),
          ],
          [
            words.key,
            key_id && (
              <Identified id={key_id}>
                <Opening to={naming.placeOf(key(key_id))}>{words.openKey}</Opening>
                <Narrowing to={`/audit?key_id=${key_id}`} onClose={onClose}>
                  {words.onlyKey}
                </Narrowing>
              </Identified>
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

function Identified({ id, children }: { id: string; children: ReactNode }) {
  return (
    <>
      <CopyableId id={id} />
      <span className="flex flex-wrap gap-x-4">{children}</span>
    </>
  );
}

/** A link to a page, where there is one that the reader may see. */
function Opening({ to, children }: { to: string | null; children: string }) {
  return to && <TextLink to={to}>{children}</TextLink>;
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
