import { beforeEach, expect, test, vi } from "vitest";
import { READ_ANEW } from "./queries";
import { dropPostponed, guardAgainst, postpone, type Risk, worstRisk } from "./risks";

const WORDS = { title: "", explains: "", leave: "", stay: "" };
const secret: Risk = { words: WORDS, isReal: () => true, isSecret: true };
const unsaved: Risk = { words: WORDS, isReal: () => true };

beforeEach(dropPostponed);

test("what is untouched is no risk, and a secret weighs more than what was typed", () => {
  let typed = false;
  const dialog: Risk = { words: WORDS, isReal: () => typed, byHistory: true };
  const close = guardAgainst(dialog);
  expect(worstRisk()).toBeUndefined();
  typed = true;
  expect(worstRisk()).toBe(dialog);
  expect(worstRisk((risk) => !risk.byHistory)).toBeUndefined();
  const copied = guardAgainst(secret);
  expect(worstRisk()).toBe(secret);
  copied();
  close();
  expect(worstRisk()).toBeUndefined();
});

test("nothing is read anew by coming back to a page that has something to lose", () => {
  expect(READ_ANEW.refetchOnWindowFocus()).toBe(true);
  const saved = guardAgainst(unsaved);
  expect(READ_ANEW.refetchOnWindowFocus()).toBe(false);
  saved();
  expect(READ_ANEW.refetchOnWindowFocus()).toBe(true);
});

test("what ends the page waits for a secret, and for nothing else", async () => {
  const end = vi.fn();
  const saved = guardAgainst(unsaved);
  expect(postpone(end)).toBe(false);

  const copied = guardAgainst(secret);
  expect(postpone(() => expect.unreachable("only the last one is done"))).toBe(true);
  expect(postpone(end)).toBe(true);
  copied();
  const another = guardAgainst(secret); // in its place at once
  await Promise.resolve();
  expect(end).not.toHaveBeenCalled();
  another();
  await Promise.resolve();
  expect(end).toHaveBeenCalledOnce();
  saved();

  const last = guardAgainst(secret);
  postpone(end);
  dropPostponed(); // the same person is logged in again
  last();
  await Promise.resolve();
  expect(end).toHaveBeenCalledOnce();
});
