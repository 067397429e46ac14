import { beforeAll, expect, test, vi } from "vitest";
import { safeNext } from "./next";

beforeAll(() => {
  vi.stubGlobal("location", { origin: "https://id.example.com" });
});

test.each(["/users", "/users?q=ada&status=active", "/keys/1#usage"])(
  "a path of the console is followed: %s",
  (path) => {
    expect(safeNext(path)).toBe(path);
  },
);

test.each([
  null,
  "",
  "users",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/.//evil.example",
  "/login?next=/users",
])("anything else leads to the start: %s", (path) => {
  expect(safeNext(path)).toBe("/");
});
