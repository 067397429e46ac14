import { expect, test, vi } from "vitest";

vi.stubGlobal("location", { origin: "https://id.example.com" });
const { proposedSlug } = await import("./registration");

test.each([
  ["Acme Ltd", "acme-ltd"],
  ["  Zürich & Söhne  ", "zurich-sohne"],
  ["日本", ""],
  ["---", ""],
  [`${"a".repeat(49)} b`, "a".repeat(49)],
])("the short name of %j is %j", (name, slug) => {
  expect(proposedSlug(name)).toBe(slug);
});
