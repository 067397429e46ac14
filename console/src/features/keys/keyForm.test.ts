import { describe, expect, it } from "vitest";
import type { Values } from "@/design/Form";
import { changesOf, expiryOf, settingsOf } from "./keyForm";
import type { Key } from "./keys";

const KEY = {
  name: "Job",
  scopes: ["read", "users:read"],
  usage_limit: 5,
  rate_limit: { requests_per_hour: 7 },
  allowed_ips: [],
  allowed_origins: [],
} as unknown as Key;

describe("the form of a key", () => {
  it("takes lists one a line and leaves out windows that are empty", () => {
    const values = { name: " Job ", allowed_ips: "192.0.2.1\n\n 192.0.2.0/24 ", "rate_limit.requests_per_hour": "7" };
    expect(settingsOf(values, ["read"])).toEqual({
      name: "Job",
      scopes: ["read"],
      usage_limit: null,
      rate_limit: { requests_per_hour: 7 },
      allowed_ips: ["192.0.2.1", "192.0.2.0/24"],
      allowed_origins: [],
    });
  });
  it("sends only what was changed, whatever the order of a list", () => {
    const values = { name: "Job", usage_limit: "5" };
    expect(changesOf(KEY, settingsOf(values, ["users:read", "read"]))).toEqual({ rate_limit: {} });
  });
  it("says when the key is to expire", () => {
    const chosen = [{}, { expires: "never" }, { expires: "30" }, { expires: "own", expires_in_days: "12" }];
    expect(chosen.map((values) => expiryOf(values as Values))).toEqual([undefined, null, 30, 12]);
  });
});
