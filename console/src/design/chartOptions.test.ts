import { describe, expect, it } from "vitest";
import { ticksOf } from "./chartOptions";

const HOUR = 3_600_000;
const moments = (first: string, count: number, distance: number) =>
  Array.from({ length: count }, (_, at) => new Date(new Date(first).getTime() + at * distance).toISOString());

describe("the words below a chart", () => {
  it("stand at round hours, as many as there is room for", () => {
    const times = moments("2026-11-21T03:00:00Z", 24, HOUR);
    const hours = ticksOf(times, 9, true).map((at) => new Date(times[at] ?? "").getUTCHours());
    expect(hours).toEqual([3, 6, 9, 12, 15, 18, 21, 0]);
  });
  it("count days back from the last one", () => {
    const times = moments("2026-11-01T00:00:00Z", 30, 24 * HOUR);
    expect(ticksOf(times, 6, true)).toEqual([4, 9, 14, 19, 24, 29]);
  });
  it("stand at each of a few moments", () => {
    expect(ticksOf(["2026-11-01T00:00:00Z"], 5, true)).toEqual([0]);
    expect(ticksOf([], 5, true)).toEqual([]);
  });
});
