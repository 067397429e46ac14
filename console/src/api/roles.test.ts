import { expect, test, vi } from "vitest";
import type { Role } from "./roles";
import { RESERVED_SCOPES } from "./scopes";
import type { Session } from "./session";

vi.stubGlobal("location", { origin: "https://service.example" });
const { lacking, lackingOver, worksInConsole } = await import("./roles");

const holding = (...scopes: string[]) => ({ scopes }) as Session;
const roles = [
  { name: "user", permissions: ["read", "write"] },
  { name: "helper", permissions: ["users:read", "tickets"] },
] as Role[];

test("an admin has the client's own words, but none of the service's beyond its role", () => {
  expect(lacking(holding("users:read"), ["users:read", "tickets"])).toEqual(["tickets"]);
  expect(lacking(holding("admin"), ["users:read", "tickets"])).toEqual(["users:read"]);
});

test("whoever lacks something of a user's role does not change that user, nor does anybody who cannot know", () => {
  const editor = holding("users:read", "users:write");
  expect(lackingOver(editor, "user", undefined)).toEqual([]);
  expect(lackingOver(editor, "helper", roles)).toEqual(["tickets"]);
  expect(lackingOver(holding("users:read", "tickets"), "helper", roles)).toEqual([]);
  expect(lackingOver(editor, "helper", undefined)).toBeNull();
  expect(lackingOver(editor, "made since", roles)).toBeNull();
  expect(lackingOver(editor, "admin", roles)).toContain("admin");
  expect(lackingOver(holding(...RESERVED_SCOPES), "admin", roles)).toEqual([]);
});

test("whoever runs something of the client works in the console, and a user of its application does not", () => {
  const known = [...roles, { name: "customer", permissions: ["read", "orders"] }] as Role[];
  expect(["user", "customer", "helper"].map((name) => worksInConsole(name, known))).toEqual([false, false, true]);
  expect(["user", "admin"].map((name) => worksInConsole(name, undefined))).toEqual([false, true]);
});
