import { expect, test } from "vitest";
import { texts } from ".";
import { fields } from "./en/settingFields";

const SOURCES = import.meta.glob<string>("./en/*.ts", { query: "?raw", import: "default", eager: true });
const COMMENT = /^\s*(\/\/|\/\*|\*)/;
const STRAIGHT = /[A-Za-z]'[A-Za-z ,.]/;

test("apostrophes in texts that people read are written ’", () => {
  const found = Object.entries(SOURCES).flatMap(([path, source]) =>
    source
      .split("\n")
      .filter((line) => !COMMENT.test(line) && STRAIGHT.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(Object.keys(SOURCES).length).toBeGreaterThan(20);
  expect(found).toEqual([]);
});

test("a short name is explained in the same words where it is chosen and where it is changed", () => {
  expect(texts.onboarding.register.slugHint).toContain(fields.slug.does);
  expect(texts.onboarding.register.slugHint).toContain(fields.slug.bounds);
});

test("counts of one, none and many stand with the noun that goes with them", () => {
  const { isolationTried, isolationChecks } = texts.clients;
  expect(isolationTried(1, 1)).toBe("1 request tried on 1 route");
  expect(isolationTried(2400, 95)).toBe("2,400 requests tried on 95 routes");
  expect(isolationChecks(0, 1)).toBe("0 of 1 check passed");
});
