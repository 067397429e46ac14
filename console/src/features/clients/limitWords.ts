// How limits are written.
import { formatNumber } from "@/design/format";
import { texts } from "@/texts";
import type { Client } from "./clientQueries";

export type Limits = Client["limits"];
export type LimitName = keyof Limits;

/** The limits that there are, in the order in which they are shown. */
export const LIMIT_NAMES = Object.keys(texts.clients.limitNames) as LimitName[];

/** A number of calls, or that there is no such window. */
export function shownLimit(value: number | null | undefined): string {
  return value === null || value === undefined ? texts.clients.noLimit : formatNumber(value);
}

/** The limits that a client has of its own, as the service takes them. */
export function ownLimits(limits: Limits): Partial<Record<LimitName, number | null>> {
  const own = LIMIT_NAMES.filter((name) => limits[name].source === "client");
  return Object.fromEntries(own.map((name) => [name, limits[name].value]));
}
