// Spans of time: seconds in the unit in which they are a whole number.
import type { texts } from "@/texts";

export type Unit = keyof typeof texts.settings.units;

const UNITS: [Unit, number][] = [
  ["days", 86_400],
  ["hours", 3_600],
  ["minutes", 60],
  ["seconds", 1],
];

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
