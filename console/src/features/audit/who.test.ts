import { expect, test } from "vitest";
import { texts } from "@/texts";
import { whoOf } from "./who";

const words = texts.audit;
const about = (user_id: string | null, key_id: string | null, detail: Record<string, unknown> = {}) =>
  whoOf({ user_id, key_id, detail });

test("an entry about its own doer names that one", () => {
  expect(about("00000000-alice", null)).toBe(words.byUser("…00-alice"));
  expect(about(null, "00000000-theky")).toBe(words.byKey("…00-theky"));
});

test("an entry about somebody else names the doer, not whom it is about", () => {
  expect(about("00000000-bobby", null, { by_user: "00000000-alice" })).toBe(words.byUser("…00-alice"));
  expect(about("00000000-bobby", "00000000-theky")).toBe(words.byKey("…00-theky"));
  expect(about(null, "00000000-theky", { by_key: "00000000-other" })).toBe(words.byKey("…00-other"));
  expect(about("00000000-bobby", null, { by: "operator", by_user: "x" })).toBe(words.byOperator);
});

test("an entry of nobody is the service's own", () => {
  expect(about(null, null)).toBe(words.bySystem);
});
