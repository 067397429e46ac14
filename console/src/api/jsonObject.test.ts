import { expect, test } from "vitest";
import { readObject } from "./jsonObject";

test("one JSON object is taken, anything else is told", () => {
  expect(readObject(' {"team": "blue", "seats": 9007199254740991, "part": 0.5} ')).toEqual({
    value: { team: "blue", seats: 9007199254740991, part: 0.5 },
    fault: null,
  });
  for (const text of ["[]", "null", '"a"', "12"]) expect(readObject(text).fault).toEqual({ kind: "not_object" });
  expect(readObject("{team: 1}").fault).toMatchObject({ kind: "not_json" });
});

test.each(["9007199254740993", "-9007199254740993", "9007199254740992", "1e21", "1e400"])(
  "%s is not taken, as a browser may hold another number in its place",
  (number) => {
    expect(readObject(`{"ids": [1, {"badge": ${number}}]}`).fault).toEqual({ kind: "number", path: "ids.1.badge" });
    expect(readObject(`{"badge": "${number}"}`).fault).toBeNull();
  },
);
