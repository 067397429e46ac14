// The one way to the service: a typed client made from its OpenAPI document. Cookies carry the session; a call that
// changes something echoes the CSRF cookie in a header. What a call may need on its way (a fresh token, a fresh proof of
// who it is) is dealt with here, so that pages just call.
import createClient from "openapi-fetch";
import { texts } from "@/texts";
import { csrfIn } from "./csrf";
import { ApiProblem, asProblem, problemOf } from "./problems";
import type { components, paths } from "./schema";

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const CSRF_HEADER = "X-CSRF-Token";
const SESSION_PATH = "/api/v1/console/session";
/** What is said of a session, not of a password or a code that a call carries: those may be wrong with 401 too. */
const LOST_SESSION = ["authentication_required", "token_expired", "token_revoked"];
/** The session stands still: since it began, the client has come to ask for a second factor that it lacks. */
const FACTOR_ASKED = ["mfa_required", "mfa_enrollment_required"];
/** Nothing was sent, for the cookies are of another session by now, or of none. */
const CHANGED = "session_changed";
/** Calls that begin a session or ask which one there is: they go out whatever the cookies hold. */
const ASKS_OR_BEGINS = ["GET ", "POST ", "POST /mfa", "POST /passkey", "POST /passkey/options", "POST /refresh"];

/** What the application does about refusals that are not the end of a call. */
interface Remedies {
  /** Prove anew who one is; resolves to whether that was done. */
  reauthenticate: () => Promise<boolean>;
  /** The session is over; or it goes on only after a login with a second factor. */
  signedOut: (forFactor?: boolean) => void;
  /** Another tab has changed the cookies: find out whose they are now; resolves to whether it is the same person. */
  sessionChanged: () => Promise<boolean>;
}

let remedies: Remedies = {
  reauthenticate: async () => false,
  signedOut: () => undefined,
  sessionChanged: async () => true,
};
let refreshes = 0;
/** The value that belongs to the session which this page shows; all tabs share the cookies. Null: it shows nobody's. */
let seen: string | null = null;
let asking: Promise<boolean> | null = null;

/** Say what is done about refusals that are not the end of a call. */
export function chooseRemedies(chosen: Remedies): void {
  remedies = chosen;
}

/** Hold this page to the session that the cookies are of now; false: to none. */
export function holdSession(held: boolean): void {
  seen = held ? csrfToken() : null;
}

/** Whether a refusal says that the session goes on only after a login with a second factor. */
export function wantsFactor({ status, code }: ApiProblem): boolean {
  return status === 401 && FACTOR_ASKED.includes(code);
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
  const response = await sendOnce(request);
  const remedy = response.ok || request.url.includes(SESSION_PATH) ? null : await remedyFor(response);
  if (remedy === null) return response;
  return (await remedy()) ? sendOnce(again) : response;
}

/** Send a call for the person whom this page shows, and for nobody else; throws ApiProblem. */
async function sendOnce(request: Request): Promise<Response> {
  if (!asksOrBegins(request)) await checkSession();
  const go = () => fetch(withProof(request));
  return changesCookies(request) ? inTurn(go) : go();
}

function asksOrBegins({ method, url }: Request): boolean {
  const { pathname } = new URL(url);
  return (
    pathname.startsWith(SESSION_PATH) && ASKS_OR_BEGINS.includes(`${method} ${pathname.slice(SESSION_PATH.length)}`)
  );
}

async function checkSession(): Promise<void> {
  if (seen === null || csrfToken() === seen) return;
  asking ??= remedies.sessionChanged().finally(() => {
    asking = null;
  });
  if (!(await asking)) throw new ApiProblem(0, CHANGED, texts.common.sessionChanged);
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
  if (seen !== null && wantsFactor(problem)) remedies.signedOut(true);
  return LOST_SESSION.includes(problem.code) ? refreshOrEnd : null;
}

function withProof(request: Request): Request {
  if (request.method !== "GET" && request.method !== "HEAD") request.headers.set(CSRF_HEADER, proofFor(request));
  return request;
}

/** That of the session shown: should the cookies change on the way, the service refuses the call. */
function proofFor(request: Request): string {
  return asksOrBegins(request) ? csrfToken() : (seen ?? csrfToken());
}

/** The value that proves that a call comes from this page, for which no other site can read the cookie. */
export function csrfToken(): string {
  return csrfIn(document.cookie, location.protocol);
}

/** Whether the answer to a call puts other cookies into the browser, or takes them away. */
function changesCookies({ method, url }: Request): boolean {
  const { pathname } = new URL(url);
  return method !== "GET" && pathname.startsWith(SESSION_PATH) && !pathname.endsWith("/options");
}

/** Do such a call, one at a time in all tabs: a late answer to one must not undo what another has done. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  return navigator.locks.request("rowlock-session", work) as Promise<Result>;
}

/**
 * Get a new pair of tokens into the cookies, once for all calls and tabs that want it; false: the session is over.
 * Throws ApiProblem where the service does not say so: it is busy, refuses for now, or asks for a second factor first.
 */
export async function refreshSession(): Promise<boolean> {
  const before = refreshes;
  return inTurn(async () => {
    if (refreshes !== before) return true; // another call has done it while this one waited
    const wanted = new Request(new URL(`${SESSION_PATH}/refresh`, location.origin), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    });
    const answer = await fetch(withProof(wanted));
    if (answer.ok) {
      refreshes += 1;
      return true;
    }
    const problem = problemOf(answer, await answer.json().catch(() => null));
    if (problem.status !== 401 || wantsFactor(problem)) throw problem;
    return false;
  });
}

/**
 * End the session that this page shows, by hand; false: it had ended already, and what the browser holds by now has been
 * dealt with. Throws ApiProblem.
 */
export async function endSession(): Promise<boolean> {
  try {
    await call(api.DELETE("/api/v1/console/session"));
    return true;
  } catch (error) {
    const { status, code } = asProblem(error);
    if (code === CHANGED) return false;
    if (status === 401) return true;
    throw error;
  }
}

async function refreshOrEnd(): Promise<boolean> {
  try {
    const renewed = await refreshSession();
    if (!renewed) remedies.signedOut();
    return renewed;
  } catch (error) {
    if (wantsFactor(asProblem(error))) remedies.signedOut(true);
    throw error;
  }
}
