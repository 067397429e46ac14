import { expect, test } from "vitest";
import { texts } from "@/texts";
import { aboutOf } from "./about";
import type { Entry } from "./entries";
import { isNamed, type Part } from "./parts";
import { isOfOneself, whoOf } from "./who";

const words = texts.audit;
const entry = (more: Partial<Entry>) =>
  ({
    action: "user.update",
    status: "success",
    client_id: "ours",
    user_id: null,
    key_id: null,
    request_id: "one",
    detail: {},
    ...more,
  }) as Entry;
const said = (parts: Part[]) =>
  parts.map((part) => (isNamed(part) ? `${part.kind} ${part.said ?? part.id}` : part)).join(" ");
const whoDid = (user_id: string | null, key_id: string | null, detail: Entry["detail"] = {}, more = {}) =>
  said(whoOf(entry({ user_id, key_id, detail, ...more })));
const about = (more: Partial<Entry>) => said(aboutOf(entry(more)));

test("an entry about its own doer names that one", () => {
  expect(whoDid("alice", null)).toBe("user alice");
  expect(whoDid(null, "the-key")).toBe("key the-key");
});

test("an entry about somebody else names the doer, not whom it is about", () => {
  expect(whoDid("bob", null, { by_user: "alice" })).toBe("user alice");
  expect(whoDid("bob", "the-key")).toBe("key the-key");
  expect(whoDid(null, "the-key", { by_key: "other" })).toBe("key other");
  expect(whoDid("bob", null, { by: "operator", by_user: "x" })).toBe(words.byOperator);
  expect(whoDid("alice", "the-key", {}, { action: "key.create" })).toBe("user alice");
  expect(whoDid("alice", "the-key", {}, { action: "role.update" })).toBe("user alice");
});

test("who logs in through an application's key did it, not the key", () => {
  expect(whoDid("bob", "the-key", {}, { action: "login" })).toBe("user bob");
  expect(whoDid("bob", "the-key", {}, { action: "session.reauth", status: "failed" })).toBe("user bob");
});

test("a failed login is somebody's, who claimed to be that user", () => {
  const failed = { action: "login", status: "failed" };
  expect(whoDid("bob", "the-key", {}, failed)).toBe("Somebody, as user bob");
  expect(whoDid("bob", null, {}, failed)).toBe("Somebody, as user bob");
  expect(whoDid(null, "the-key", {}, failed)).toBe(words.bySomebody);
  expect(whoDid("bob", null, {}, { action: "password.forgot" })).toBe("Somebody, as user bob");
  const refused = { action: "credential.refuse", status: "failed" };
  expect(whoDid(null, "the-key", {}, refused)).toBe("Somebody, with key the-key");
});

test("whose password was right is told from whoever only claims to be that user", () => {
  const asked = { action: "login", status: "failed" };
  for (const reason of ["mfa_required", "mfa_enrollment_required"]) {
    expect(whoDid("bob", "the-key", { reason }, asked)).toBe("Somebody with the password of user bob");
  }
  expect(whoDid("bob", "the-key", { reason: "invalid_code", step: "mfa" }, asked)).toBe("Somebody, as user bob");
  const held = { action: "credential.refuse", status: "failed" };
  expect(whoDid("bob", null, { code: "reauth_required" }, held)).toBe("user bob");
  expect(whoDid("bob", "the-key", { code: "reauth_required" }, held)).toBe("user bob");
  expect(whoDid("bob", null, { code: "token_expired" }, held)).toBe("Somebody, as user bob");
  const impersonated = { code: "reauth_required", impersonated_by: "alice" };
  expect(whoDid("bob", null, impersonated, held)).toBe("user alice acting as user bob");
});

test("who impersonates is told beside whom", () => {
  const told = whoDid("bob", null, { impersonated_by: "alice" }, { action: "logout" });
  expect(told).toBe("user alice acting as user bob");
});

test("an entry of nobody is the service's own, or a stranger's", () => {
  expect(whoDid(null, null, {}, { action: "client.erased", request_id: null })).toBe(words.bySystem);
  expect(whoDid(null, "the-key", {}, { action: "client.register" })).toBe(words.byVisitor);
});

test("what was done at a terminal is the command line's", () => {
  for (const action of ["operator.create", "key.create", "client.register", "limits.reset"]) {
    expect(whoDid("bob", "the-key", {}, { action, request_id: null })).toBe(words.byCommandLine);
  }
});

test("who acts through a key is told from that key by itself", () => {
  expect(whoDid("bob", "the-key", { by_user: "bob" })).toBe("user bob");
  expect(isOfOneself(entry({ user_id: "bob", key_id: "the-key", detail: { by_user: "bob" } }))).toBe(true);
  expect(whoDid("bob", "the-key")).toBe("key the-key");
});

test("an admin who has a user mailed is named, and so is the user", () => {
  for (const action of ["user.mail_reset", "user.mail_verification"]) {
    expect(whoDid("bob", null, { by_user: "alice" }, { action })).toBe("user alice");
    expect(whoDid("bob", "the-key", {}, { action })).toBe("key the-key");
    expect(about({ action, user_id: "bob", detail: { by_user: "alice" } })).toBe("user bob");
    expect(texts.audit.actions[action]).toBeDefined();
  }
});

test("an entry is about a user, key, role, tier or client", () => {
  expect(about({ user_id: "bob" })).toBe("user bob");
  expect(about({ action: "role.change", user_id: "bob", detail: { role: { to: "admin" } } })).toBe("user bob");
  expect(about({ action: "key.revoke", key_id: "the-key", detail: { name: "Backend" } })).toBe("key Backend");
  expect(about({ action: "role.update", user_id: "alice", detail: { role: "support" } })).toBe("role support");
  expect(about({ action: "tier.update", detail: { tier: "pro" } })).toBe("tier pro");
  expect(about({ action: "client.update" })).toBe("client ours");
  expect(about({ action: "client.erase", detail: { client_id: "theirs", slug: "slug" } })).toBe("client slug");
  expect(about({ action: "login", status: "failed", key_id: "the-key" })).toBe("");
  // Nobody was made: the user that the entry names is who tried.
  const failed = { action: "user.create", status: "failed" as const, user_id: "alice", detail: { role: "admin" } };
  expect(about(failed)).toBe("role admin");
  expect(said(whoOf(entry(failed)))).toBe("user alice");
});

test("what one does to oneself is told from what others do", () => {
  expect(isOfOneself(entry({ action: "login", user_id: "bob" }))).toBe(true);
  expect(isOfOneself(entry({ action: "login", status: "failed", user_id: "bob" }))).toBe(false);
  expect(isOfOneself(entry({ user_id: "bob", detail: { by_user: "alice" } }))).toBe(false);
});
