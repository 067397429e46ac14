// One kind of second factor on the account page.
import type { ReactNode } from "react";

/** Its name and state at the left, what can be done about it at the right, details below. */
export function Factor({
  name,
  state,
  actions,
  children,
}: {
  name: string;
  state: ReactNode;
  actions: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-3 border-t border-line pt-4 first:border-0 first:pt-0">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h3 className="text-sm font-semibold">{name}</h3>
          <p className="text-sm text-quiet">{state}</p>
        </div>
        <div className="flex flex-wrap gap-2">{actions}</div>
      </div>
      {children}
    </div>
  );
}
