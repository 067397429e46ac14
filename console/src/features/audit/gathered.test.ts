import { expect, test } from "vitest";
import { gathered } from "./gathered";

function recorded(names: Record<string, string>) {
  const calls: string[][] = [];
  const load = gathered(async (ids) => {
    calls.push(ids);
    return ids.flatMap((id) => (names[id] === undefined ? [] : [[id, names[id]] as [string, string]]));
  }, 3);
  return { calls, load };
}

test("what is asked for at one moment is one call, and whoever is not found is nobody", async () => {
  const { calls, load } = recorded({ a: "Ada", b: "Bob" });
  expect(await Promise.all(["a", "gone", "b"].map(load))).toEqual(["Ada", null, "Bob"]);
  expect(calls).toEqual([["a", "gone", "b"]]);
  expect(await load("a")).toBe("Ada");
  expect(calls).toEqual([["a", "gone", "b"], ["a"]]);
});

test("no call asks for more than the service takes", async () => {
  const { calls, load } = recorded({ a: "Ada", d: "Dan" });
  expect(await Promise.all(["a", "b", "c", "d"].map(load))).toEqual(["Ada", null, null, "Dan"]);
  expect(calls).toEqual([["a", "b", "c"], ["d"]]);
});

test("a call that fails is told to all who asked, and asked again by the next", async () => {
  let tries = 0;
  const load = gathered(async () => {
    tries += 1;
    if (tries === 1) throw new Error("lost");
    return [["a", "Ada"]];
  }, 3);
  const answers = await Promise.allSettled([load("a"), load("b")]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await load("a")).toBe("Ada");
});
