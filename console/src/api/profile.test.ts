import { expect, test } from "vitest";
import { changedProfile } from "./profile";

test("only what a form has changed is sent, and what was emptied is taken away", () => {
  const opened = { full_name: "Ada", username: "ada", avatar_url: null };
  expect(changedProfile(opened, { full_name: "Ada", username: "ada" })).toEqual({});
  expect(changedProfile(opened, { full_name: "Ada L.", username: "ada" })).toEqual({ full_name: "Ada L." });
  expect(changedProfile(opened, { full_name: "Ada", avatar_url: "https://a.example/a.png" })).toEqual({
    username: null,
    avatar_url: "https://a.example/a.png",
  });
});
