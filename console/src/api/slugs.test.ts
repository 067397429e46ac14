import { expect, test, vi } from "vitest";
import { loginAddress, loginPath, namedClient, proposedSlug } from "./slugs";

test.each([
  ["Acme Ltd", "acme-ltd"],
  ["  Zürich & Söhne  ", "zurich-sohne"],
  ["日本", ""],
  ["---", ""],
  [`${"a".repeat(49)} b`, "a".repeat(49)],
])("the short name of %j is %j", (name, slug) => {
  expect(proposedSlug(name)).toBe(slug);
});

test.each([
  ["Wonderland Ltd", "wonderland-ltd"],
  [" Wonderland  Ltd. ", "wonderland-ltd"],
  ["wonderland-ltd", "wonderland-ltd"],
  [" ACME ", "acme"],
  ["two--dashes", "two--dashes"],
  [`${"a".repeat(60)}`, "a".repeat(60)],
  ["0192F0C4-9A01-7C55-8E21-5D0F7B3A6C42", "0192f0c4-9a01-7c55-8e21-5d0f7b3a6c42"],
  ["日本", "日本"],
])("whoever types %j as the client logs in to %j", (typed, sent) => {
  expect(namedClient(typed)).toBe(sent);
});

test("the address of the login names the client", () => {
  vi.stubGlobal("location", { origin: "https://id.example.com" });
  expect(loginAddress("acme")).toBe("https://id.example.com/console/login?client=acme");
});

test.each([
  [{}, "/login"],
  [{ client: "", next: "" }, "/login"],
  [{ client: "acme" }, "/login?client=acme"],
  [{ client: "acme", next: "/users?q=a b&role=x" }, "/login?client=acme&next=%2Fusers%3Fq%3Da+b%26role%3Dx"],
  [{ next: "/account" }, "/login?next=%2Faccount"],
])("the login is told whose it is and where it leads: %j", (known, path) => {
  expect(loginPath(known)).toBe(path);
});
