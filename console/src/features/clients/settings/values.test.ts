import { expect, test } from "vitest";
import { ApiProblem } from "@/api/problems";
import { formatDuration } from "@/design/format";
import type { Client } from "../clientQueries";
import { contrast, readableOn } from "./contrast";
import { GROUPS, LAST_GROUP } from "./groups";
import { unitOf, unitsUpTo } from "./spans";
import { changedFields, changeOf, draftsOf, inWords } from "./values";

const client = {
  client_name: "Acme",
  domain: null,
  settings: {
    session_idle_ttl: { value: 604_800, source: "default" },
    allowed_origins: { value: ["https://a.example"], source: "client" },
    passkey_origins: { value: ["https://a.example"], source: "client" },
    custom_fields_schema: { value: null, source: "default" },
  },
} as unknown as Client;
const all = [...GROUPS, LAST_GROUP].flatMap((group) => group.fields);
const fields = all.filter((field) => field.name in client || field.name in client.settings);

function change(drafts: ReturnType<typeof draftsOf>) {
  const filled = { ...draftsOf(client, fields), ...drafts };
  return changeOf(client, changedFields(client, fields, filled), filled);
}

test("what was not changed is not sent", () => {
  expect(change({ client_name: " Acme ", allowed_origins: "\nhttps://a.example\n\n" })).toEqual({});
});

test("numbers, lists and what is taken back are sent as the service wants them", () => {
  const drafts = { session_idle_ttl: "5400", allowed_origins: "", passkey_origins: "", domain: "a.example" };
  expect(change(drafts)).toEqual({
    domain: "a.example",
    settings: { session_idle_ttl: 5400, allowed_origins: [], passkey_origins: null },
  });
  expect(change({ allowed_origins: null })).toEqual({ settings: { allowed_origins: null } });
});

test("a schema is sent as JSON, and what is no object is refused at its field", () => {
  expect(change({ custom_fields_schema: '{"type": "object"}' })).toEqual({
    settings: { custom_fields_schema: { type: "object" } },
  });
  for (const wrong of ["{", "[]", "null"]) {
    expect(() => change({ custom_fields_schema: wrong })).toThrow(ApiProblem);
  }
});

test("a refusal names settings by their labels and spans of time not in seconds", () => {
  const said = { "settings.session_idle_ttl": ["At most session_absolute_ttl, which is 432000."] };
  const problem = inWords(new ApiProblem(422, "validation_failed", "Wrong.", said), fields) as ApiProblem;
  expect(problem.errors).toEqual({ "settings.session_idle_ttl": ["At most “Longest session”, which is 5 days."] });
});

test("spans of time are told in whole units", () => {
  expect([5400, 60, 604_800, 0].map(formatDuration)).toEqual(["1 hour 30 minutes", "1 minute", "7 days", "0 seconds"]);
  expect([5400, 90, 604_800].map(unitOf)).toEqual(["minutes", "seconds", "days"]);
  expect(unitsUpTo(3600)).toEqual(["seconds", "minutes", "hours"]);
});

test("contrast is that of WCAG", () => {
  expect(contrast("#ffffff", "#000000")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  expect([readableOn("#ffd54a"), readableOn("#1f5f3a")]).toEqual(["#000000", "#ffffff"]);
});
