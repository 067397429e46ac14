// The three questions that an overview answers at a glance: is it healthy, does it grow, does somebody attack.
import type { Schema } from "@/api/client";

type Statistics = Pick<Schema<"StatisticsView">, "per_day" | "windows">;
type Day = Statistics["per_day"][number];
type Window = Statistics["windows"][number];

export type Health =
  | { state: "well"; limited: boolean }
  | { state: "tight" | "full"; window: string; part: number }
  | { state: "refusing"; refusals: number };
export interface Growth {
  /** `early`: of the week before there is too little to compare with. */
  state: "growing" | "steady" | "slower" | "quiet" | "early";
  now: number;
  before: number;
}
export interface Attacks {
  state: "calm" | "unusual";
  failures: number;
  /** The mean of the days before; null where there are too few. */
  usual: number | null;
  /** When the day of the failures began. */
  since: string;
}

const TIGHT = 0.75;
const FULL = 0.95;
const WEEK = 7;
/** Fewer failures a day than this are nobody's attack. */
const FEW_FAILURES = 20;
const UNUSUAL = 3;

/** How much of a window is used, from 0 to 1. */
export function partUsed(window: Window): number {
  return window.limit > 0 ? 1 - window.remaining / window.limit : 1;
}

/** Whether calls get through: the fullest window counts, then what was refused today. */
export function healthOf({ per_day, windows }: Statistics): Health {
  const [fullest] = [...windows].sort((one, other) => partUsed(other) - partUsed(one));
  const part = fullest ? partUsed(fullest) : 0;
  const refusals = per_day.at(-1)?.refusals ?? 0;
  if (fullest && part >= FULL) return { state: "full", window: fullest.name, part };
  if (refusals > 0) return { state: "refusing", refusals };
  if (fullest && part >= TIGHT) return { state: "tight", window: fullest.name, part };
  return { state: "well", limited: windows.length > 0 };
}

/** Whether more people sign up than before: the last seven days against the seven before them. */
export function growthOf({ per_day }: Statistics): Growth {
  const now = sumOf(per_day.slice(-WEEK), "signups");
  const before = sumOf(per_day.slice(-2 * WEEK, -WEEK), "signups");
  if (now === 0 && before === 0) return { state: "quiet", now, before };
  if (sinceBeginning(per_day).length < 2 * WEEK) return { state: "early", now, before };
  if (now > before * 1.1) return { state: "growing", now, before };
  return { state: now < before * 0.9 ? "slower" : "steady", now, before };
}

/** Whether far more logins and sign-ups fail than usual, today or yesterday (the day may just have begun). */
export function attacksOf({ per_day }: Statistics): Attacks {
  const recent = per_day.slice(-2);
  const earlier = sinceBeginning(per_day).slice(0, -2);
  const usual = earlier.length >= WEEK ? sumOf(earlier, "failures") / earlier.length : null;
  const [worst] = recent
    .filter((day) => day.failures >= FEW_FAILURES && day.failures > UNUSUAL * (usual ?? 0))
    .sort((one, other) => other.failures - one.failures);
  const told = worst ?? recent.at(-1);
  return {
    state: worst ? "unusual" : "calm",
    failures: told?.failures ?? 0,
    usual,
    since: told?.started_at ?? "",
  };
}

/** The days from the first one on which anything happened: those before may be older than the client. */
function sinceBeginning(days: Day[]): Day[] {
  const first = days.findIndex((day) => day.signups + day.logins + day.failures + day.active_users + day.requests > 0);
  return first < 0 ? [] : days.slice(first);
}

function sumOf(days: Day[], name: "signups" | "failures"): number {
  return days.reduce((sum, day) => sum + day[name], 0);
}
