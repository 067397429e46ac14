// The one way to the service: a typed client made from its OpenAPI document. Cookies carry the session; a call that
// changes something echoes the CSRF cookie in a header. What a call may need on its way (a fresh token, a fresh proof of
// who it is) is dealt with here, so that pages just call.
import createClient from "openapi-fetch";
import { problemOf } from "./problems";
import type { components, paths } from "./schema";

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const CSRF_COOKIES = ["__Host-rowlock_csrf", "rowlock_csrf"];
const CSRF_HEADER = "X-CSRF-Token";
const SESSION_PATH = "/api/v1/console/session";
/** What is said of a session, not of a password or a code that a call carries: those may be wrong with 401 too. */
const LOST_SESSION = ["authentication_required", "token_expired", "token_revoked"];

/** What the application does about refusals that are not the end of a call. */
interface Remedies {
  /** Prove anew who one is; resolves to whether that was done. */
  reauthenticate: () => Promise<boolean>;
  /** The session is over. */
  signedOut: () => void;
}

let remedies: Remedies = { reauthenticate: async () => false, signedOut: () => undefined };
let refreshes = 0;

/** Say what is done about refusals that are not the end of a call. */
export function chooseRemedies(chosen: Remedies): void {
  remedies = chosen;
}

/** The typed client: `call(api.GET("/api/v1/{client_id}/users", { params: … }))`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

/** Return the data of an answer; throws ApiProblem for a refusal, TypeError where there is no connection. */
export async function call<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<NonNullable<Data>> {
  const { data, error, response } = await answer;
  if (!response.ok) throw problemOf(response, error);
  return data as NonNullable<Data>;
}

/** Fetch a path of the API that answers something else than JSON; throws ApiProblem. */
export async function fetchFile(path: string, signal?: AbortSignal): Promise<Response> {
  const response = await send(new Request(new URL(path, location.origin), signal ? { signal } : {}));
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  return response;
}

/** Send a file as the body of a POST; the answer may be a stream. Throws ApiProblem. */
export async function sendFile(path: string, file: Blob, media: string, signal: AbortSignal): Promise<Response> {
  const options = { method: "POST", headers: { "Content-Type": media }, body: file, signal };
  const response = await send(new Request(new URL(path, location.origin), options));
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  return response;
}

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(withProof(request));
  const remedy = response.ok || request.url.includes(SESSION_PATH) ? null : await remedyFor(response);
  if (remedy === null) return response;
  return (await remedy()) ? fetch(withProof(again)) : response;
}

async function remedyFor(response: Response): Promise<(() => Promise<boolean>) | null> {
  if (response.status !== 401 && response.status !== 403) return null;
  const problem = problemOf(
    response,
    await response
      .clone()
      .json()
      .catch(() => null),
  );
  if (problem.code === "reauth_required") return remedies.reauthenticate;
  return LOST_SESSION.includes(problem.code) ? refreshOrEnd : null;
}

function withProof(request: Request): Request {
  if (request.method !== "GET" && request.method !== "HEAD") request.headers.set(CSRF_HEADER, csrfToken());
  return request;
}

/** The value that proves that a call comes from this page, for which no other site can read the cookie. */
export function csrfToken(): string {
  for (const pair of document.cookie.split("; ")) {
    const [name = "", value = ""] = pair.split("=");
    if (CSRF_COOKIES.includes(name)) return value;
  }
  return "";
}

/** Get a new pair of tokens into the cookies, once for all calls and tabs that want it; false: the session is over. */
export async function refreshSession(): Promise<boolean> {
  const before = refreshes;
  return navigator.locks.request("rowlock-refresh", async () => {
    if (refreshes !== before) return true; // another call has done it while this one waited
    const wanted = new Request(new URL(`${SESSION_PATH}/refresh`, location.origin), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    });
    const answer = await fetch(withProof(wanted));
    if (answer.ok) refreshes += 1;
    return answer.ok;
  });
}

async function refreshOrEnd(): Promise<boolean> {
  const renewed = await refreshSession();
  if (!renewed) remedies.signedOut();
  return renewed;
}
