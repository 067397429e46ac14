import { expect, test, vi } from "vitest";
import type { Session } from "@/api/session";

vi.stubGlobal("location", { origin: "https://service.example" });
const { firstOf, mayOpen, placesOf } = await import("./navigation");

const session = (...scopes: string[]) =>
  ({ scopes, is_operator: false, client: { client_name: "Acme" } }) as unknown as Session;

test("what the menu does not name is not opened by its address either", () => {
  const viewer = session("users:read");
  const everything = session("admin", "audit:read", "roles:read", "storage:read", "users:write");
  const open = ["/users", "/Users/1", "/keys", "/keys/1", "/account"];
  expect(open.filter((path) => !mayOpen(viewer, path))).toEqual([]);
  const closed = [
    "/overview",
    "/users/import",
    "/USERS/Import/",
    "/roles",
    "/roles/second%20line",
    "/limits",
    "/audit",
    "/Audit",
    "/storage",
    "/isolation",
    "/settings",
    "/welcome",
  ];
  expect(closed.filter((path) => mayOpen(viewer, path))).toEqual([]);
  expect(closed.filter((path) => !mayOpen(everything, path))).toEqual([]);
});

test("an address that only begins like another is none of its pages", () => {
  expect(mayOpen(session(), "/usersome")).toBe(true);
  expect(mayOpen(session(), "/users")).toBe(false);
});

test("a person starts at the first page of the menu", () => {
  expect(firstOf(session("users:read")).to).toBe("/users");
  expect(firstOf(session()).to).toBe("/keys");
  expect(placesOf(session()).flatMap((group) => group.places.map((place) => place.to))).toEqual(["/keys", "/account"]);
});
