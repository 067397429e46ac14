import { afterEach, expect, test, vi } from "vitest";

/** Load the client as a page has it, with a service that answers each path with what is told. */
async function clientWith(answers: Record<string, () => Response>) {
  vi.stubGlobal("location", { origin: "http://localhost:8000", protocol: "http:" });
  vi.stubGlobal("document", { cookie: "rowlock_csrf=own" });
  vi.stubGlobal("navigator", { locks: { request: (_name: string, work: () => unknown) => work() } });
  vi.stubGlobal("fetch", async (request: Request) => {
    const answer = answers[new URL(request.url).pathname];
    if (answer === undefined) throw new TypeError("no connection");
    return answer();
  });
  vi.resetModules();
  return import("./client");
}

const problem = (status: number, code: string) => () =>
  Response.json({ code, title: code }, { status, headers: { "Retry-After": "7" } });
const REFRESH = "/api/v1/console/session/refresh";

afterEach(() => vi.unstubAllGlobals());

test("only 401 means that the session is over", async () => {
  const { refreshSession } = await clientWith({ [REFRESH]: problem(401, "token_revoked") });
  await expect(refreshSession()).resolves.toBe(false);
});

test.each([
  [429, "rate_limited"],
  [503, "temporarily_unavailable"],
  [500, "internal_error"],
  [403, "client_suspended"],
])("a refresh that is answered with %d goes to the page, and nobody is logged out", async (status, code) => {
  const signedOut = vi.fn();
  const { api, call, chooseRemedies } = await clientWith({
    [REFRESH]: problem(status, code),
    "/api/v1/clients": problem(401, "token_expired"),
  });
  chooseRemedies({ reauthenticate: async () => false, signedOut, sessionChanged: async () => true });
  await expect(call(api.GET("/api/v1/clients", {}))).rejects.toMatchObject({ status, code, retryAfter: 7 });
  expect(signedOut).not.toHaveBeenCalled();
});

test("nor is anybody where there is no connection for a refresh", async () => {
  const signedOut = vi.fn();
  const { api, call, chooseRemedies } = await clientWith({ "/api/v1/clients": problem(401, "token_expired") });
  chooseRemedies({ reauthenticate: async () => false, signedOut, sessionChanged: async () => true });
  await expect(call(api.GET("/api/v1/clients", {}))).rejects.toThrow(TypeError);
  expect(signedOut).not.toHaveBeenCalled();
});

test.each(["mfa_required", "mfa_enrollment_required"])(
  "a refresh that is answered with %s is no end: the login asks for a second factor",
  async (code) => {
    const signedOut = vi.fn();
    const { api, call, chooseRemedies, refreshSession } = await clientWith({
      [REFRESH]: problem(401, code),
      "/api/v1/clients": problem(401, "token_expired"),
    });
    chooseRemedies({ reauthenticate: async () => false, signedOut, sessionChanged: async () => true });
    await expect(call(api.GET("/api/v1/clients", {}))).rejects.toMatchObject({ code });
    expect(signedOut.mock.calls).toEqual([[true]]);
    await expect(refreshSession()).rejects.toMatchObject({ code });
  },
);

const SESSION = "/api/v1/console/session";

test("a session that ended elsewhere is as good as ended here", async () => {
  const { endSession } = await clientWith({ [SESSION]: problem(401, "token_revoked") });
  await expect(endSession()).resolves.toBe(true);
});

test("one that another tab has changed is not ended, and whose it is has been found out", async () => {
  const sessionChanged = vi.fn(async () => false);
  const { chooseRemedies, endSession, holdSession } = await clientWith({});
  chooseRemedies({ reauthenticate: async () => false, signedOut: () => undefined, sessionChanged });
  holdSession(true);
  vi.stubGlobal("document", { cookie: "" });
  await expect(endSession()).resolves.toBe(false);
  expect(sessionChanged).toHaveBeenCalledOnce();
});

test("a log-out that fails is told", async () => {
  const { endSession } = await clientWith({ [SESSION]: problem(503, "temporarily_unavailable") });
  await expect(endSession()).rejects.toMatchObject({ status: 503 });
});

test("too many calls are told in the console's own words, with one wait", async () => {
  const detail = "user_requests_per_minute (60) is used up; the next call passes in 9 s.";
  const { call, api } = await clientWith({
    "/api/v1/clients": () =>
      Response.json({ code: "rate_limited", detail }, { status: 429, headers: { "Retry-After": "7" } }),
  });
  await expect(call(api.GET("/api/v1/clients", {}))).rejects.toMatchObject({
    message: "Too many calls in a short time",
    retryAfter: 7,
  });
});
