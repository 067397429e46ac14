import { afterEach, expect, it, vi } from "vitest";
import { localMoment, momentOf } from "./format";

afterEach(() => vi.unstubAllEnvs());

it("a moment that no field can hold is shown as none, and none is taken from a field", () => {
  for (const extreme of [
    "",
    "yesterday",
    "+275760-09-13T00:00:00Z",
    "-271821-04-20T00:00:00Z",
    "+012345-01-01T00:00Z",
  ]) {
    expect(localMoment(extreme)).toBe("");
  }
  expect(momentOf("12345-01-01T00:00")).toBe("");
  expect(localMoment(momentOf("2026-01-31T09:30"))).toBe("2026-01-31T09:30");
});

it("where clocks are half an hour off, the service's hours are named with their minutes", async () => {
  vi.stubEnv("TZ", "Asia/Kolkata");
  vi.resetModules(); // the formats are made in the zone of the machine
  const { formatHour, formatHourTick } = await import("./format");
  const at = "2026-11-22T04:00:00Z";
  for (const shown of [formatHour(at), formatHourTick(at)]) expect(shown).toContain("9:30");
});
