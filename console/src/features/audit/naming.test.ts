import { expect, test, vi } from "vitest";
import type { Session } from "@/api/session";
import { texts } from "@/texts";
import type { Entry } from "./entries";
import type { Known } from "./naming";

vi.stubGlobal("location", { origin: "https://service.example" });
const { idsIn, keysToldIn, namingOf } = await import("./naming");

const words = texts.audit;
const NONE: Known = new Map();
const BOBBY: Known = new Map([["bobby", "bob@example.com"]]);
const USERS: Known = new Map([...BOBBY, ["gone", null]]);
const KEYS: Known = new Map([["the-key", "Backend"]]);
const session = (more: Partial<Session> = {}) =>
  ({
    user: { user_id: "admin", email: "admin@example.com" },
    client: { client_id: "ours", client_name: "Ours" },
    scopes: ["users:read", "keys:read", "roles:read", "admin"],
    is_operator: false,
    ...more,
  }) as Session;

test("names come from what was read and from the entries themselves", () => {
  const rows = [
    { action: "key.delete", key_id: "gone", detail: { name: "Old" } },
    { action: "access_key.rotate", key_id: "before", detail: { new_key_id: "after" } },
  ] as unknown as Entry[];
  const { nameOf } = namingOf(session(), USERS, KEYS, keysToldIn(rows));
  expect(nameOf({ kind: "user", id: "bobby" })).toBe("bob@example.com");
  expect(nameOf({ kind: "user", id: "admin" })).toBe("admin@example.com");
  expect(nameOf({ kind: "user", id: "00000000-alice" })).toBe(words.byUser("…00-alice"));
  expect(nameOf({ kind: "key", id: "the-key" })).toBe(words.byKey("Backend"));
  expect(nameOf({ kind: "key", id: "gone" })).toBe(words.byKey("Old"));
  expect(nameOf({ kind: "key", id: "after" })).toBe(words.accessKey);
  expect(nameOf({ kind: "key", id: "00000000-other" })).toBe(words.byKey("…00-other"));
  expect(nameOf({ kind: "client", id: "ours" })).toBe("Ours");
  expect(nameOf({ kind: "client", id: "theirs", said: "slug" })).toBe(words.aboutClient("slug"));
});

test("only whom entries name is asked for, each once, whether it acted or it is about that one", () => {
  const [ada, bob, backend] = ["a", "b", "c"].map((end) => `00000000-0000-7000-8000-00000000000${end}`);
  const rows = [
    { action: "user.update", user_id: bob, key_id: null, request_id: "one", detail: { by_user: ada } },
    { action: "user.update", user_id: bob, key_id: backend, request_id: "two", detail: {} },
    { action: "user.update", user_id: bob, key_id: null, request_id: "three", detail: { by_user: "x,y" } },
  ] as unknown as Entry[];
  expect(idsIn(rows, "user")).toEqual([ada, bob]);
  expect(idsIn(rows, "key")).toEqual([backend]);
});

test("a link leads only to a page that is there and that the reader may see", () => {
  const placesFor = (who: Session, users: Known) =>
    ["bobby", "gone"].map((id) => namingOf(who, users, NONE, new Map()).placeOf({ kind: "user", id }));
  expect(placesFor(session(), USERS)).toEqual(["/users/bobby", null]);
  expect(placesFor(session(), BOBBY)).toEqual(["/users/bobby", "/users/gone"]);
  expect(placesFor(session({ scopes: ["audit:read"] }), USERS)).toEqual([null, null]);
  const placeOf = (who: Session, id: string) => namingOf(who, NONE, NONE, new Map()).placeOf({ kind: "client", id });
  expect(placeOf(session(), "ours")).toBe("/settings");
  expect(placeOf(session(), "theirs")).toBeNull();
  expect(placeOf(session({ is_operator: true }), "theirs")).toBe("/clients/theirs");
});
