import { expect, test } from "vitest";
import { changesOf } from "./changes";
import type { Entry } from "./entries";

const changed = (detail: Entry["detail"], more = {}) =>
  changesOf({ action: "client.update", status: "success", detail, ...more } as Entry);

test("what an operator changed of a client is told in words", () => {
  expect(changed({ fields: ["status"], status: "suspended" })).toBe("suspended");
  expect(changed({ fields: ["status"], status: "active" })).toBe("activated again");
  expect(changed({ fields: ["limits", "tier"], tier: "pro" })).toBe("own limits, tier pro");
});

test("settings are named as their page names them, and no more than a few", () => {
  const settings = { signup: { old: null, new: "invite" } };
  expect(changed({ fields: ["settings"], settings })).toBe("“Who may sign up”");
  expect(changed({ fields: ["settings"], settings: {} })).toBe("settings");
  expect(changed({ fields: ["contact_email", "domain", "industry", "of_tomorrow", "slug"] })).toBe(
    "“Contact”, “Domain”, “Industry”, 2 more",
  );
});

test("of other entries nothing is told", () => {
  expect(changed({ fields: ["status"], status: "suspended" }, { action: "user.update" })).toBe("");
  expect(changed({ fields: ["status"] }, { status: "failed" })).toBe("");
  expect(changed({})).toBe("");
});
