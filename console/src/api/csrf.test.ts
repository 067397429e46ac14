import { expect, test } from "vitest";
import { csrfIn } from "./csrf";

test("over https a cookie that another host may have planted counts for nothing", () => {
  expect(csrfIn("rowlock_csrf=planted; __Host-rowlock_csrf=own", "https:")).toBe("own");
  expect(csrfIn("rowlock_csrf=planted", "https:")).toBe("");
});

test("over http on loopback the cookie has the bare name alone", () => {
  expect(csrfIn("__Host-rowlock_csrf=old; rowlock_csrf=own", "http:")).toBe("own");
  expect(csrfIn("__Host-rowlock_csrf=old", "http:")).toBe("");
});
