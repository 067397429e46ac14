// What the page says about itself: badges, notices, empty states, and what is shown while something loads.
import { type ReactNode, useId } from "react";
import { texts } from "@/texts";
import { classes } from "./classes";

const TONES = {
  neutral: "bg-raised text-ink",
  good: "bg-accent-soft text-accent",
  warning: "bg-warning-soft text-warning",
  danger: "bg-danger-soft text-danger",
  info: "bg-info-soft text-info",
} as const;

export type Tone = keyof typeof TONES;

/** A short state, such as `active`; the word carries the meaning, the colour only helps. */
export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={classes(
        "inline-block rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}

/** Something to know before going on; `alert` is read out at once. */
export function Notice({
  tone = "info",
  title,
  alert = false,
  children,
}: {
  tone?: Tone;
  title?: string;
  alert?: boolean;
  children?: ReactNode;
}) {
  return (
    <div
      role={alert ? "alert" : undefined}
      className={classes("rounded-lg border-l-4 border-current px-4 py-3 text-sm", TONES[tone])}
    >
      {title && <p className="font-semibold">{title}</p>}
      {children && <div className="text-ink">{children}</div>}
    </div>
  );
}

/** What stands where a list is still empty: what belongs here, and how to begin. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-xl border border-dashed border-edge px-6 py-10 text-center in-data-box:border-none in-data-box:px-0 in-data-box:py-6">
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="max-w-prose text-sm text-quiet">{children}</div>}
      {action}
    </div>
  );
}

/** Grey bars that take the place of `lines` lines until they are there, so that nothing jumps. */
export function Loading({ lines = 3 }: { lines?: number }) {
  const id = useId();
  return (
    <div role="status" className="flex flex-col gap-3 py-2">
      <span className="sr-only">{texts.common.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span
          key={`${id}-${line.toString()}`}
          aria-hidden="true"
          className="block h-5 animate-pulse rounded bg-raised motion-reduce:animate-none"
        />
      ))}
    </div>
  );
}
