import { expect, test } from "vitest";
import { objectOf } from "./jsonObject";

test("one JSON object is taken, anything else is told", () => {
  expect(objectOf(' {"team": "blue"} ')).toEqual({ value: { team: "blue" }, error: null });
  for (const text of ["[]", "null", '"a"', "12"]) expect(objectOf(text).error).toContain("one JSON object");
  expect(objectOf("{team: 1}").error).toMatch(/^This is not JSON: ./);
});
