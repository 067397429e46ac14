// Spans of time: seconds as people say them, and in the unit in which they are a whole number.
import { texts } from "@/texts";

export type Unit = keyof typeof texts.settings.units;

const { span } = texts.settings;
const UNITS: [Unit, number, "second" | "minute" | "hour" | "day"][] = [
  ["days", 86_400, "day"],
  ["hours", 3_600, "hour"],
  ["minutes", 60, "minute"],
  ["seconds", 1, "second"],
];

/** 5400 as `1 hour 30 minutes`. */
export function formatSpan(seconds: number): string {
  let rest = seconds;
  const parts: string[] = [];
  for (const [, length, word] of UNITS) {
    const count = Math.floor(rest / length);
    if (count > 0) parts.push(span(count, word));
    rest -= count * length;
  }
  return parts.join(" ") || span(0, "second");
}

/** The largest unit in which so many seconds are a whole number. */
export function unitOf(seconds: number): Unit {
  return UNITS.find(([, length]) => seconds > 0 && seconds % length === 0)?.[0] ?? "seconds";
}

/** The seconds that a unit has. */
export function lengthOf(unit: Unit): number {
  return UNITS.find(([name]) => name === unit)?.[1] ?? 1;
}

/** The units that make sense for spans of at most so many seconds, the shortest first. */
export function unitsUpTo(most: number): Unit[] {
  return UNITS.filter(([, length]) => length <= most)
    .map(([name]) => name)
    .reverse();
}
