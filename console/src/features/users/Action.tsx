// One thing that can be done with a user: what it does, and the button.
import type { ReactNode } from "react";

/** A line of the section about a user's access. */
export function Action({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0">
        <h3 className="text-sm font-semibold">{title}</h3>
        <p className="max-w-prose text-sm text-quiet">{lead}</p>
      </div>
      {children}
    </div>
  );
}
