// What narrows the audit log. Each filter stands in the address, moments in UTC.
import { useState } from "react";
import { Button } from "@/design/Button";
import { classes } from "@/design/classes";
import { FilterId, FilterMoment, Filters as FilterRow, FilterSelect } from "@/design/Filters";
import { texts } from "@/texts";
import type { Filters } from "./entries";

const words = texts.audit;
const ACTIONS = Object.entries(words.actions).sort(([, one], [, other]) => one.localeCompare(other));
const RESULTS: [string, string][] = [
  ["", texts.common.all],
  ["success", words.results.success],
  ["failed", words.failedFilter],
];

/** The filters; on a phone behind a button. */
export function AuditFilters({
  filters,
  chosen,
  cleared,
  onChoose,
  onClear,
}: {
  filters: Filters;
  /** How many of them are set. */
  chosen: number;
  /** How often all have been taken back. */
  cleared: number;
  onChoose: (name: keyof Filters, value: string) => void;
  onClear: () => void;
}) {
  const [open, setOpen] = useState(false);
  const field = (name: keyof Filters) => ({ value: filters[name], onChoose: (to: string) => onChoose(name, to) });
  return (
    <div className="flex flex-col items-start gap-3">
      <Button className="sm:hidden" aria-expanded={open} onClick={() => setOpen(!open)}>
        {words.narrow(chosen)}
      </Button>
      <div className={classes("w-full", !open && "max-sm:hidden")}>
        <FilterRow key={cleared} many name={words.filters}>
          <FilterSelect label={words.action} options={actionsWith(filters.action)} {...field("action")} />
          <FilterSelect label={words.result} options={RESULTS} {...field("status")} />
          <FilterId label={words.user} {...field("user_id")} />
          <FilterId label={words.key} {...field("key_id")} />
          <FilterMoment label={words.since} {...field("since")} />
          <FilterMoment label={words.until} {...field("until")} />
        </FilterRow>
      </div>
      {chosen > 0 && (
        <Button small look="quiet" onClick={onClear}>
          {words.clear}
        </Button>
      )}
    </div>
  );
}

/** All actions that are known, in words, and what the address names beside them. */
function actionsWith(chosen: string): [string, string][] {
  const unknown: [string, string][] = chosen && !Object.hasOwn(words.actions, chosen) ? [[chosen, chosen]] : [];
  return [["", texts.common.all], ...ACTIONS, ...unknown];
}
