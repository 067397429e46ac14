import { expect, test } from "vitest";
import { texts } from "@/texts";
import { nameOf, outcomeOf } from "./events";

const words = texts.audit;
const failed = (action: string, detail: Record<string, unknown> = {}) => ({
  action,
  status: "failed" as const,
  detail,
});

test("what the service asks for on the way in is no failure", () => {
  expect(outcomeOf(failed("login", { reason: "mfa_required" }))).toBe("factorAsked");
  expect(outcomeOf(failed("session.reauth", { reason: "mfa_required" }))).toBe("factorAsked");
  expect(outcomeOf(failed("login", { reason: "mfa_enrollment_required" }))).toBe("factorToSetUp");
  expect(outcomeOf(failed("credential.refuse", { code: "reauth_required" }))).toBe("proofAsked");
  expect(outcomeOf(failed("credential.refuse", { code: "token_expired" }))).toBe("expired");
});

test("what was wrong or not allowed has failed", () => {
  for (const reason of ["invalid_credentials", "invalid_code", "account_locked", "token_revoked", "toString", 7]) {
    expect(outcomeOf(failed("login", { reason, step: "mfa" }))).toBe("failed");
  }
  expect(outcomeOf(failed("credential.refuse", { code: "insufficient_scope" }))).toBe("failed");
  expect(outcomeOf(failed("session.refresh_reuse"))).toBe("failed");
});

test("a sign-up that asks for a factor has made the account", () => {
  const detail = { reason: "mfa_enrollment_required" };
  expect(outcomeOf({ action: "signup", status: "success", detail })).toBe("success");
});

test("an event is named so that its name and its end agree", () => {
  expect(nameOf({ action: "invitation.accept", status: "success", detail: {} })).toBe("Invitation accepted");
  expect(nameOf(failed("invitation.accept", { reason: "invalid_code" }))).toBe("Accepting an invitation");
  expect(nameOf(failed("totp.enable"))).toBe("Setting up an authenticator app");
  expect(nameOf(failed("credential.refuse", { code: "reauth_required" }))).toBe(words.callHeld);
  expect(nameOf(failed("credential.refuse", { code: "token_expired" }))).toBe("Credential refused");
  expect(nameOf(failed("login"))).toBe("Login");
  expect(nameOf(failed("of.an_extension"))).toBeNull();
});

test("every name of an attempt belongs to an action that is known", () => {
  for (const action of Object.keys(words.attempts)) expect(words.actions).toHaveProperty([action]);
});
