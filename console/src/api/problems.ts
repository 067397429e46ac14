// What the service says when it refuses (RFC 9457), as an error that pages show.
import { texts } from "@/texts";

/** A refusal: `code` is stable, `message` says what was wrong, `errors` belong to fields; `retryAfter` is in seconds. */
export class ApiProblem extends Error {
  /** When it was met, as `performance.now()` has it: from then on the wait runs. */
  readonly metAt = performance.now();

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: Record<string, string[]> = {},
    readonly requestId: string | null = null,
    readonly retryAfter: number | null = null,
    /** All members of the problem document, for those that a code of its own adds. */
    readonly members: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** Return the problem that a call was refused with; anything else is a connection that failed. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, "no_connection", texts.common.noConnection);
}

/** Return the problem of an answer that is no success; some refusals the console says in words of its own. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const members = isRecord(body) ? body : {};
  const retry = Number(response.headers.get("Retry-After"));
  const code = textOf(members.code) ?? "internal_error";
  const said = textOf(members.detail) ?? textOf(members.title) ?? texts.common.somethingWrong;
  return new ApiProblem(
    response.status,
    code,
    texts.headlines[code as keyof typeof texts.headlines] ?? said,
    isRecord(members.errors) ? (members.errors as Record<string, string[]>) : {},
    textOf(members.request_id),
    retry > 0 ? retry : null,
    members,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
