// How much of a limit is used, at a glance.
import type { ReactNode } from "react";
import { texts } from "@/texts";
import { classes } from "./classes";
import { formatNumber } from "./format";

/** A bar of `used` out of `limit` with both figures; it changes colour from 75 % and from 95 % on. */
export function Gauge({
  name,
  used,
  limit,
  note,
  format = formatNumber,
}: {
  name: string;
  used: number;
  limit: number;
  note?: ReactNode;
  format?: (value: number) => string;
}) {
  const part = limit > 0 ? Math.min(used / limit, 1) : 1;
  const colour = part >= 0.95 ? "bg-danger" : part >= 0.75 ? "bg-warning" : "bg-accent";
  // What is used shows, however little; what is left shows too.
  const width = part === 0 || part === 1 ? part * 100 : Math.min(98, Math.max(2, part * 100));
  return (
    <div>
      <div className="flex flex-wrap justify-between gap-x-3 text-sm">
        <span className="font-medium">{name}</span>
        <span className="text-quiet tabular-nums">
          <span className="font-semibold text-ink">{format(used)}</span> / {format(limit)}
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> each in their own way, and none in our colours */}
      <div
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={Math.min(used, limit)}
        aria-valuetext={texts.common.usedOf(format(used), format(limit))}
        className="mt-1.5 h-2.5 overflow-hidden rounded-full border border-edge bg-raised"
      >
        <div className={classes("h-full", colour)} style={{ width: `${width.toFixed(1)}%` }} />
      </div>
      {note && <div className="mt-1 text-xs text-quiet">{note}</div>}
    </div>
  );
}
