import { describe, expect, it } from "vitest";
import { ApiProblem } from "./problems";
import { newQueryClient } from "./queries";

function asksAgain(error: Error): boolean {
  const { retry } = newQueryClient().getDefaultOptions().queries ?? {};
  return typeof retry === "function" && retry(0, error);
}

describe("a call that was refused", () => {
  it("is asked again unseen where the service is busy or out of reach", () => {
    expect(asksAgain(new ApiProblem(503, "temporarily_unavailable", ""))).toBe(true);
    expect(asksAgain(new TypeError("no connection"))).toBe(true);
  });
  it("says so at once where there were too many calls, however short the wait", () => {
    for (const wait of [1, 30, 3000]) {
      expect(asksAgain(new ApiProblem(429, "rate_limited", "", {}, null, wait))).toBe(false);
    }
  });
  it("is final else", () => {
    expect(asksAgain(new ApiProblem(404, "not_found", ""))).toBe(false);
  });
});
