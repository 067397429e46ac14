// The sign of the service, with the name of the client where there is one.
import { texts } from "@/texts";

/** The sign and, below it, a name. */
export function Brand({ name }: { name?: string }) {
  return (
    <span className="flex items-center gap-2.5 text-ink">
      <img src="/docs/assets/favicon.svg" alt="" width="32" height="32" />
      <span className="min-w-0">
        <span className="block leading-tight font-bold">{texts.common.product}</span>
        {name && <span className="block truncate text-xs text-quiet">{name}</span>}
      </span>
    </span>
  );
}
