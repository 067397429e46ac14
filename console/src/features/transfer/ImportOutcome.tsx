// What an import, or the check of a file, has found.
import { useState } from "react";
import { Button } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { formatNumber } from "@/design/format";
import { Figure, Figures } from "@/design/Page";
import { saveFile } from "@/design/saveFile";
import { type Column, Table } from "@/design/Table";
import { texts } from "@/texts";
import type { BadRow, ImportState, Summary } from "./importReport";

const words = texts.transfer.users;
const SHOWN_AT_ONCE = 50;
const COLUMNS: Column<BadRow>[] = [
  { name: words.line, show: (row) => formatNumber(row.line) },
  { name: texts.users.email, show: (row) => row.email },
  { name: words.wrong, show: (row) => <Wrong row={row} /> },
];

/** The counts, how it ended, and each line that made no user. */
export function ImportOutcome({
  state,
  busy,
  dryRun,
  stopped,
}: {
  state: ImportState;
  busy: string | null;
  dryRun: boolean;
  stopped: boolean;
}) {
  const { counts, bad, summary } = state;
  return (
    <div className="flex flex-col gap-4">
      <div aria-live="polite">
        {busy && <Notice title={words.working(counts.total)} />}
        {stopped && <Notice tone="warning" title={dryRun ? words.checkStopped : words.stopped} />}
        {summary && <Ending summary={summary} />}
      </div>
      <Figures>
        <Figure name={words.rows} value={formatNumber(counts.total)} />
        <Figure name={dryRun ? words.wouldAdd : words.added} value={formatNumber(counts.added)} />
        <Figure name={words.skipped} value={formatNumber(counts.skipped)} note={words.skippedNote} />
        <Figure name={words.failed} value={formatNumber(counts.failed)} />
      </Figures>
      {bad.length > 0 && <BadRows rows={bad} />}
    </div>
  );
}

function Ending({ summary }: { summary: Summary }) {
  if (!summary.finished) {
    return (
      <Notice tone="danger" title={summary.detail ?? words.broken}>
        {!summary.dry_run && words.goesOn}
      </Notice>
    );
  }
  if (!summary.dry_run) return <Notice tone="good" title={words.done(summary.added)} />;
  return summary.failed === 0 ? (
    <Notice tone="good" title={words.checkedWell}>
      {summary.added === 0 ? words.nothingNew : words.nothingYet}
    </Notice>
  ) : (
    <Notice tone="warning" title={words.checkedBadly(summary.failed)}>
      {words.badPassedOver}
    </Notice>
  );
}

function BadRows({ rows }: { rows: BadRow[] }) {
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  return (
    <section aria-label={words.badRows} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="text-sm font-semibold">{words.badRows}</h3>
        <Button
          small
          onClick={() => saveFile("bad-lines.ndjson", rows.map((row) => `${JSON.stringify(row)}\n`).join(""))}
        >
          {words.saveBadRows}
        </Button>
      </div>
      <Table
        caption={words.badRows}
        columns={COLUMNS}
        rows={rows.slice(0, shown)}
        rowKey={(row) => row.line.toString()}
      />
      {shown < rows.length && (
        <div className="flex justify-center">
          <Button onClick={() => setShown(shown + SHOWN_AT_ONCE)}>{texts.common.more}</Button>
        </div>
      )}
    </section>
  );
}

function Wrong({ row }: { row: BadRow }) {
  return (
    <ul>
      {Object.entries(row.errors).map(([field, said]) => (
        <li key={field}>
          <code className="font-mono">{field}</code>: {said.join(" ")}
        </li>
      ))}
    </ul>
  );
}
