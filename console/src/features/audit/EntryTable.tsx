// Entries of the audit log as a table; each opens with all that is known of it.
import { EventCode, EventResult } from "@/design/Event";
import { Badge } from "@/design/Feedback";
import { formatMoment } from "@/design/format";
import { Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import type { Entry } from "./entries";
import { whoOf } from "./who";

const words = texts.audit;
/** Ids begin with their time: the last digits tell them apart. */

/** Entries, newest first; `fresh` are those that came while one watched. */
export function EntryTable({
  entries,
  fresh,
  onOpen,
}: {
  entries: Entry[];
  fresh: Set<string>;
  onOpen: (entry: Entry) => void;
}) {
  return (
    <Table
      caption={words.list}
      rows={entries}
      rowKey={(entry) => entry.audit_id}
      columns={[
        { name: words.what, show: (entry) => <What entry={entry} isNew={fresh.has(entry.audit_id)} onOpen={onOpen} /> },
        {
          name: words.result,
          show: ({ status }) => <EventResult status={status} />,
        },
        { name: words.who, show: whoOf },
        { name: words.from, show: ({ ip_address }) => ip_address },
        { name: words.time, show: ({ timestamp }) => <Time at={timestamp} /> },
      ]}
    />
  );
}

function What({ entry, isNew, onOpen }: { entry: Entry; isNew: boolean; onOpen: (entry: Entry) => void }) {
  const said = words.actions[entry.action];
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={words.details(said ?? entry.action, formatMoment(entry.timestamp))}
        onClick={() => onOpen(entry)}
        className="text-left font-semibold text-accent underline-offset-2 hover:underline"
      >
        {said ?? entry.action}
      </button>
      {isNew && (
        <>
          {" "}
          <Badge tone="info">{words.isNew}</Badge>
        </>
      )}
      {said && <EventCode action={entry.action} />}
    </>
  );
}
