// How much of a limit is used, at a glance.
import { classes } from "./classes";
import { formatNumber } from "./format";

/** A bar of `used` out of `limit` with both figures; it changes colour from 75 % and from 95 % on. */
export function Gauge({ name, used, limit, note }: { name: string; used: number; limit: number; note?: string }) {
  const part = limit > 0 ? Math.min(used / limit, 1) : 1;
  const colour = part >= 0.95 ? "bg-danger" : part >= 0.75 ? "bg-warning" : "bg-accent";
  return (
    <div>
      <div className="flex flex-wrap justify-between gap-x-3 text-sm">
        <span className="font-medium">{name}</span>
        <span className="text-quiet tabular-nums">
          {formatNumber(used)} / {formatNumber(limit)}
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> each in their own way, and none in our colours */}
      <div
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={Math.min(used, limit)}
        className="mt-1 h-2.5 overflow-hidden rounded-full bg-raised"
      >
        <div className={classes("h-full rounded-full", colour)} style={{ width: `${(part * 100).toString()}%` }} />
      </div>
      {note && <p className="mt-1 text-xs text-quiet">{note}</p>}
    </div>
  );
}
