// Names with values at the right, a line each: what would be a table of three columns, but as readable on a phone.
import type { ReactNode } from "react";
import { classes } from "./classes";

export interface Line {
  name: string;
  value: ReactNode;
  /** Where the value comes from, or what else belongs to it. */
  note?: ReactNode;
}

/** A list of names, values and notes; where there is room for it, a long one stands in `columns` of two. */
export function Lines({ lines, columns = false }: { lines: Line[]; columns?: boolean }) {
  return (
    <dl
      className={classes(
        "text-sm",
        columns ? "gap-x-10 lg:grid lg:grid-cols-2" : "*:first:pt-0 *:last:border-0 *:last:pb-0",
      )}
    >
      {lines.map(({ name, value, note }) => (
        <div key={name} className="flex justify-between gap-x-6 border-b border-line py-2">
          <dt className="min-w-0 text-quiet">{name}</dt>
          <dd className="max-w-[65%] shrink-0 text-right">
            <div className="font-medium tabular-nums">{value}</div>
            {note !== undefined && <div className="text-xs text-quiet">{note}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
