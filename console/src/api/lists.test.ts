import { expect, test } from "vitest";
import { findInPages } from "./lists";

test("pages are read on until an item is found, and no further", async () => {
  const asked: (string | undefined)[] = [];
  const read = async ({ cursor }: { cursor?: string }) => {
    asked.push(cursor);
    const page = Number(cursor ?? 0);
    return { items: [page * 2, page * 2 + 1], next_cursor: page < 3 ? (page + 1).toString() : null };
  };
  expect(await findInPages(read, (item) => item === 3)).toBe(3);
  expect(asked).toEqual([undefined, "1"]);
  expect(await findInPages(read, (item) => item === 99)).toBeUndefined();
  expect(asked).toHaveLength(6);
});
