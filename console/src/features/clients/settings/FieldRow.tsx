// One setting in a form: its field, what it does, where its value comes from, and the way back to the default.
import { Button } from "@/design/Button";
import { Badge } from "@/design/Feedback";
import { texts } from "@/texts";
import { FieldControl } from "./FieldControl";
import type { Field } from "./groups";
import { OriginBadge } from "./OriginBadge";
import { OwnFactorNotice } from "./OwnFactorNotice";
import type { Origin } from "./values";

const words = texts.settings;

export interface Row {
  field: Field;
  /** The name that the service gives it. */
  path: string;
  origin: Origin | null;
  /** What stands in the field; null: the own value is taken back. */
  draft: string | null;
  before: string;
  changed: boolean;
  /** Why it cannot be changed; null: it can. */
  fixed: string | null;
  onDraft: (draft: string | null) => void;
}

/** A setting to be changed. */
export function FieldRow(row: Row) {
  const { field, draft, origin, changed } = row;
  const { label, binds } = words.fields[field.name];
  if (row.fixed) return <Fixed label={label} reason={row.fixed} />;
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-4">
      {draft === null ? <TakenBack label={label} /> : <FieldControl {...row} draft={draft} />}
      {(changed || origin) && (
        <div className="flex min-h-8 flex-wrap items-center gap-2">
          {changed ? <Badge tone="warning">{words.changed}</Badge> : <OriginBadge origin={origin} />}
          {origin === "client" && <BackOrKeep row={row} label={label} />}
        </div>
      )}
      {changed && (
        <p className="text-sm">
          <span className="font-medium">{words.binds}</span> {binds}
        </p>
      )}
      {changed && field.name === "mfa_policy" && <OwnFactorNotice chosen={draft} />}
    </div>
  );
}

function BackOrKeep({ row, label }: { row: Row; label: string }) {
  const kept = row.draft !== null;
  return (
    <Button
      small
      look="quiet"
      aria-label={kept ? words.backToDefaultFor(label) : words.keepOwnFor(label)}
      onClick={() => row.onDraft(kept ? null : row.before)}
    >
      {kept ? words.backToDefault : words.keepOwn}
    </Button>
  );
}

function TakenBack({ label }: { label: string }) {
  return (
    <div className="text-sm">
      <p className="font-medium">{label}</p>
      <p role="status" className="text-quiet">
        {words.goesToDefault}
      </p>
    </div>
  );
}

function Fixed({ label, reason }: { label: string; reason: string }) {
  return (
    <div className="border-t border-line pt-4 text-sm">
      <p className="font-medium">{label}</p>
      <p className="text-quiet">{reason}</p>
    </div>
  );
}
