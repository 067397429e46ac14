// A moment as people say it, with the exact one on hover and for machines.
import { formatMoment, formatRelative, formatSecond } from "./format";

/**
 * `3 minutes ago` and the like; `exact`: date and time, to the second with the zone where that is asked for. Nothing that
 * is there shows as a dash.
 */
export function Time({ at, exact = false }: { at: string | null | undefined; exact?: boolean | "second" }) {
  if (!at) return <>–</>;
  return (
    <time dateTime={at} title={formatSecond(at)} className="whitespace-nowrap">
      {exact === "second" ? formatSecond(at) : exact ? formatMoment(at) : formatRelative(at)}
    </time>
  );
}
