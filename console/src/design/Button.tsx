// Buttons, and links that look like one.
import type { ComponentProps, ReactNode } from "react";
import { Link } from "react-router";
import { classes } from "./classes";

const LOOKS = {
  primary: "bg-accent text-on-accent border-accent hover:brightness-110",
  secondary: "bg-surface text-ink border-edge hover:bg-raised",
  /** Leads to something dangerous, which is asked about first. */
  caution: "bg-surface text-danger border-edge hover:bg-danger-soft",
  danger: "bg-danger text-on-danger border-danger hover:brightness-110",
  quiet: "bg-transparent text-accent border-transparent hover:bg-raised",
} as const;
const SHAPE =
  "inline-flex min-h-10 wrap-break-word items-center justify-center gap-2 rounded-lg border px-4 py-1.5 text-sm font-semibold wrap-normal no-underline";
const SMALL =
  "inline-flex min-h-8 wrap-break-word items-center justify-center gap-1.5 rounded-md border px-2.5 py-0.5 text-sm font-medium wrap-normal no-underline";

type Look = keyof typeof LOOKS;
interface Shape {
  look?: Look;
  small?: boolean;
}

/** A button; `busy` says so to screen readers and takes no second press, but keeps its width and the focus. */
export function Button({
  look = "secondary",
  small = false,
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ComponentProps<"button"> & Shape & { busy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      className={classes(small ? SMALL : SHAPE, LOOKS[look], "disabled:opacity-60 aria-disabled:opacity-60", className)}
    >
      {children}
      {busy && <Spinner />}
    </button>
  );
}

/** A link inside the console that looks like a button. */
export function ButtonLink({
  to,
  look = "secondary",
  small = false,
  children,
}: Shape & { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classes(small ? SMALL : SHAPE, LOOKS[look])}>
      {children}
    </Link>
  );
}

/** A link inside the console. */
export function TextLink({ to, children, className }: { to: string; children: ReactNode; className?: string }) {
  return (
    <Link to={to} className={classes("text-accent underline underline-offset-2 hover:decoration-2", className)}>
      {children}
    </Link>
  );
}

function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-4 animate-spin rounded-full border-2 border-current border-t-transparent motion-reduce:hidden"
    />
  );
}
