// Quantities of several things side by side: which is the largest, and by how much.
import type { ReactNode } from "react";
import { TextLink } from "./Button";
import { classes } from "./classes";
import { formatNumber } from "./format";

export interface Bar {
  /** Where two may have the same name. */
  key?: string;
  name: string;
  /** The page that the name leads to. */
  to?: string;
  value: number;
  /** How the value is written; as a number if not given. */
  shown?: ReactNode;
  note?: ReactNode;
}

/**
 * Names with bars as long as their values; the figures stand beside them, so nothing depends on the bars. Where there
 * is room for it, a long list stands in `columns` of two.
 */
export function BarList({ label, bars, columns = false }: { label: string; bars: Bar[]; columns?: boolean }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul aria-label={label} className={classes("grid gap-x-8 gap-y-3", columns && "lg:grid-cols-2")}>
      {bars.map((bar) => (
        <li key={bar.key ?? bar.name} className="text-sm">
          <div className="flex flex-wrap justify-between gap-x-4">
            <span className="min-w-0 font-medium">
              {bar.to ? <TextLink to={bar.to}>{bar.name}</TextLink> : bar.name}
            </span>
            <span className="tabular-nums">{bar.shown ?? formatNumber(bar.value)}</span>
          </div>
          <div aria-hidden="true" className="mt-1 h-2 overflow-hidden rounded-full bg-raised">
            <div className="h-full rounded-full bg-accent" style={{ width: `${widthOf(bar.value, most)}%` }} />
          </div>
          {bar.note && <p className="mt-0.5 text-xs text-quiet">{bar.note}</p>}
        </li>
      ))}
    </ul>
  );
}

/** What there is shows, however little it is. */
function widthOf(value: number, most: number): string {
  return value === 0 ? "0" : Math.max(1, (value / most) * 100).toFixed(1);
}
