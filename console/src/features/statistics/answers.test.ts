import { expect, test } from "vitest";
import { attacksOf, growthOf, healthOf } from "./answers";

const NOTHING = { signups: 0, logins: 0, failures: 0, active_users: 0, requests: 0, refusals: 0 };

function days(changes: Record<number, Partial<typeof NOTHING>>) {
  return Array.from({ length: 30 }, (_, at) => ({
    started_at: new Date(Date.UTC(2026, 0, at + 1)).toISOString(),
    ...NOTHING,
    ...changes[at],
  }));
}

function window(name: string, remaining: number) {
  return { name, limit: 100, seconds: 60, remaining, reset_at: "2026-01-30T00:00:00Z" };
}

test("a client with room and without refusals is well", () => {
  expect(healthOf({ per_day: days({}), windows: [window("a", 90)] })).toEqual({ state: "well", limited: true });
});

test("the fullest window is named, and a spent one counts more than refusals", () => {
  const windows = [window("a", 90), window("b", 20)];
  expect(healthOf({ per_day: days({}), windows })).toMatchObject({ state: "tight", window: "b" });
  expect(healthOf({ per_day: days({ 29: { refusals: 4 } }), windows })).toEqual({ state: "refusing", refusals: 4 });
  expect(healthOf({ per_day: days({ 29: { refusals: 4 } }), windows: [window("a", 0)] })).toMatchObject({
    state: "full",
    window: "a",
  });
});

const BEGUN = { 5: { requests: 1 } };

test("sign-ups of a week are compared with those of the week before", () => {
  const windows: never[] = [];
  expect(growthOf({ per_day: days({}), windows }).state).toBe("quiet");
  const growing = days({ ...BEGUN, 29: { signups: 2 } });
  expect(growthOf({ per_day: growing, windows })).toEqual({ state: "growing", now: 2, before: 0 });
  expect(growthOf({ per_day: days({ ...BEGUN, 20: { signups: 5 } }), windows }).state).toBe("slower");
  const steady = days({ ...BEGUN, 20: { signups: 5 }, 25: { signups: 5 } });
  expect(growthOf({ per_day: steady, windows }).state).toBe("steady");
});

test("whether it grows is said once a whole week can be compared with a whole week before it", () => {
  const windows: never[] = [];
  expect(growthOf({ per_day: days({ 29: { signups: 2 } }), windows })).toEqual({ state: "early", now: 2, before: 0 });
  expect(growthOf({ per_day: days({ 17: { signups: 1 }, 29: { signups: 2 } }), windows }).state).toBe("early");
  expect(growthOf({ per_day: days({ 16: { signups: 1 }, 29: { signups: 2 } }), windows }).state).toBe("growing");
});

test("what is usual is said once a week lies behind it; many failures are told from the first day", () => {
  const windows: never[] = [];
  expect(attacksOf({ per_day: days({ 29: { failures: 2 } }), windows })).toMatchObject({ state: "calm", usual: null });
  expect(attacksOf({ per_day: days({ 22: { failures: 7 } }), windows }).usual).toBeNull();
  expect(attacksOf({ per_day: days({ 21: { failures: 7 } }), windows }).usual).toBe(1);
  expect(attacksOf({ per_day: days({ 29: { failures: 21 } }), windows })).toMatchObject({
    state: "unusual",
    failures: 21,
    usual: null,
  });
});

test("many failures are unusual only where there are usually few", () => {
  const windows: never[] = [];
  const often = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [at, { failures: 40 }]));
  expect(attacksOf({ per_day: days(often), windows }).state).toBe("calm");
  expect(attacksOf({ per_day: days({ 29: { failures: 19 } }), windows }).state).toBe("calm");
  expect(attacksOf({ per_day: days({ ...BEGUN, 28: { failures: 300 } }), windows })).toEqual({
    state: "unusual",
    failures: 300,
    usual: 0,
    since: "2026-01-29T00:00:00.000Z",
  });
});
