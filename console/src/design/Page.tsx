// The frame of each page: its title, what can be done on it, and its sections.
import { type ReactNode, useEffect, useId, useRef } from "react";
import { texts } from "@/texts";
import { classes } from "./classes";

/** A page. Its title goes into the browser's too and takes the focus, so that a screen reader reads where one is. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = texts.common.pageTitle(title);
  }, [title]);
  useEffect(() => {
    const page = heading.current?.closest("main");
    const focused = document.activeElement;
    if (focused === page || !page?.contains(focused)) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="flex flex-col gap-6">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 ref={heading} tabIndex={-1} className="text-2xl leading-tight font-bold">
            {title}
          </h1>
          {lead && <div className="mt-1 max-w-prose text-sm text-quiet">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a page with a heading of its own, in a box. */
export function Section({
  title,
  lead,
  actions,
  plain = false,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  plain?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      data-box={plain ? undefined : ""}
      className={classes(!plain && "rounded-xl border border-line bg-surface p-4 sm:p-5")}
    >
      <div className="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div>
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {lead && <div className="max-w-prose text-sm text-quiet">{lead}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2 text-sm">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** The same box without a heading: for the one table of a page. */
export function Box({ children }: { children: ReactNode }) {
  return (
    <div data-box="" className="rounded-xl border border-line bg-surface p-4 sm:px-5 sm:py-3">
      {children}
    </div>
  );
}

/** Names and values, one under the other on a phone and side by side else. A value that is not there shows a dash. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[max-content_1fr] sm:items-baseline sm:gap-y-2">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-quiet">{name}</dt>
          <dd className="mb-2 min-w-0 sm:mb-0">{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A figure with what it counts, for overviews. */
export function Figure({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="rounded-xl border border-line bg-surface p-4">
      <p className="text-sm text-quiet">{name}</p>
      <p className="text-2xl font-bold tabular-nums">{value}</p>
      {note && <p className="text-xs text-quiet">{note}</p>}
    </div>
  );
}

/** Figures in a row that wraps. */
export function Figures({ children }: { children: ReactNode }) {
  return <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">{children}</div>;
}
