// Entries of the audit log as a table; each opens with all that is known of it.
import { EventCode, EventResult } from "@/design/Event";
import { nameOf } from "@/design/events";
import { Badge } from "@/design/Feedback";
import { formatMoment } from "@/design/format";
import { Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import type { Entry } from "./entries";
import type { Naming } from "./naming";
import { About, Who } from "./Told";

const words = texts.audit;

/** Entries, newest first; `fresh` are those that came while one watched. */
export function EntryTable({
  entries,
  fresh,
  naming,
  onOpen,
}: {
  entries: Entry[];
  fresh: Set<string>;
  naming: Naming;
  onOpen: (entry: Entry) => void;
}) {
  return (
    <Table
      caption={words.list}
      rows={entries}
      rowKey={(entry) => entry.audit_id}
      columns={[
        { name: words.what, show: (entry) => <What entry={entry} isNew={fresh.has(entry.audit_id)} onOpen={onOpen} /> },
        { name: words.result, show: (entry) => <EventResult event={entry} /> },
        { name: words.who, show: (entry) => <Who entry={entry} naming={naming} /> },
        { name: words.about, show: (entry) => <About entry={entry} naming={naming} /> },
        { name: words.from, show: ({ ip_address }) => ip_address && <Address of={ip_address} />, wide: true },
        { name: words.time, show: ({ timestamp }) => <Time at={timestamp} /> },
      ]}
    />
  );
}

function What({ entry, isNew, onOpen }: { entry: Entry; isNew: boolean; onOpen: (entry: Entry) => void }) {
  const said = nameOf(entry);
  return (
    <span className="block sm:min-w-22 lg:min-w-30">
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={words.details(said ?? entry.action, formatMoment(entry.timestamp))}
        onClick={() => onOpen(entry)}
        className="text-left align-top font-semibold text-accent underline-offset-2 hover:underline"
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
    </span>
  );
}

/** One of IPv4 is short enough to stand in one line. */
function Address({ of }: { of: string }) {
  return <span className={of.includes(":") ? undefined : "whitespace-nowrap"}>{of}</span>;
}
