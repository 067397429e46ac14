// Something that is on or off and changes at once.
import type { ReactNode } from "react";
import { classes } from "./classes";

/** A switch with its name beside it. */
export function Switch({
  on,
  onSwitch,
  children,
}: {
  on: boolean;
  onSwitch: (on: boolean) => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      onClick={() => onSwitch(!on)}
      className="inline-flex min-h-10 items-center gap-2 rounded-lg px-1 text-sm font-semibold"
    >
      <span
        aria-hidden="true"
        className={classes(
          "flex h-6 w-11 items-center rounded-full border p-0.5 transition-colors motion-reduce:transition-none",
          on ? "justify-end border-accent bg-accent" : "border-edge bg-raised",
        )}
      >
        <span className={classes("size-4.5 rounded-full", on ? "bg-on-accent" : "bg-edge")} />
      </span>
      {children}
    </button>
  );
}
