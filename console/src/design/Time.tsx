// A moment as people say it, with the exact one on hover and for machines.
import { formatMoment, formatRelative } from "./format";

/** `3 minutes ago` and the like; `exact`: date and time. Nothing that is there shows as a dash. */
export function Time({ at, exact = false }: { at: string | null | undefined; exact?: boolean }) {
  if (!at) return <>–</>;
  return (
    <time dateTime={at} title={formatMoment(at)} className="whitespace-nowrap">
      {exact ? formatMoment(at) : formatRelative(at)}
    </time>
  );
}
