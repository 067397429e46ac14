// What narrows the audit log. Each filter stands in the address, moments in UTC.
import { useState } from "react";
import { Button } from "@/design/Button";
import { classes } from "@/design/classes";
import { FilterMoment, Filters as FilterRow, FilterSelect, FilterText } from "@/design/Filters";
import { texts } from "@/texts";
import type { Filters } from "./entries";

const words = texts.audit;
const KNOWN = Object.keys(words.actions);
const RESULTS: [string, string][] = [
  ["", texts.common.all],
  ["success", words.results.success],
  ["failed", words.results.failed],
];

/** The filters, with the actions that are known as suggestions; on a phone behind a button. */
export function AuditFilters({
  filters,
  chosen,
  onChoose,
  onClear,
}: {
  filters: Filters;
  /** How many of them are set. */
  chosen: number;
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
        <FilterRow many name={words.filters}>
          <FilterText label={words.action} known={KNOWN} {...field("action")} />
          <FilterSelect label={words.result} options={RESULTS} {...field("status")} />
          <FilterText label={words.user} {...field("user_id")} />
          <FilterText label={words.key} {...field("key_id")} />
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
