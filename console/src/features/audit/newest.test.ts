import { expect, test } from "vitest";
import type { Entry } from "./entries";
import { newestIn, withNewest } from "./newest";

const entry = (audit_id: string, detail = {}) => ({ audit_id, detail }) as Entry;
const listOf = (...pages: string[][]) => ({
  pages: pages.map((ids) => ({ items: ids.map((id) => entry(id)), next_cursor: null })),
  pageParams: pages.map(() => undefined),
});
const idsOf = (list: ReturnType<typeof withNewest>) =>
  list?.pages.map((page) => page.items.map((one) => one.audit_id).join(""));

test("what is new stands on top, once; what has been counted on is put in its place", () => {
  const read = [entry("d"), entry("c", { times: 2 })];
  expect(newestIn(listOf(["c", "b"], ["a"]), read)).toEqual({ added: ["d"], count: 4 });
  const after = withNewest(listOf(["c", "b"], ["a"]), read);
  expect(idsOf(after)).toEqual(["dcb", "a"]);
  expect(after?.pages[0]?.items[1]?.detail).toEqual({ times: 2 });
  expect(idsOf(withNewest(after, read))).toEqual(["dcb", "a"]);
});

test("a list that is gone is not brought back", () => expect(withNewest(undefined, [entry("a")])).toBeUndefined());
