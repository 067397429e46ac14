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
