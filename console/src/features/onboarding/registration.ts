// The call that registers a client, repeated safely.
import { api, call, type Schema } from "@/api/client";
import { ApiProblem, asProblem } from "@/api/problems";
import { texts } from "@/texts";

export interface Registration {
  client_name: string;
  slug?: string;
  admin: { email: string; password: string; full_name?: string };
}

/** What was registered, and who its first admin is. */
export interface Registered {
  client: Schema<"Registered">;
  admin: Registration["admin"];
}

/** Return a function that registers. The same body is sent under the same key: what has been made once is not made twice. */
export function newRegistrar(): (wanted: Registration) => Promise<Registered> {
  let sent = "";
  let key = "";
  return async (wanted) => {
    const body = JSON.stringify(wanted);
    if (body !== sent) key = crypto.randomUUID();
    sent = body;
    const params = { header: { "Idempotency-Key": key } };
    try {
      return {
        client: await call(api.POST("/api/v1/clients/register", { params, body: wanted })),
        admin: wanted.admin,
      };
    } catch (error) {
      throw atItsField(asProblem(error));
    }
  };
}

/** Whether a refusal means that only operators register here. */
export function isClosed({ status, code }: ApiProblem): boolean {
  return status === 401 || (status === 403 && code === "insufficient_scope");
}

function atItsField(problem: ApiProblem): ApiProblem {
  if (problem.code !== "slug_taken") return problem;
  const errors = { slug: [texts.onboarding.register.slugTaken] };
  return new ApiProblem(problem.status, problem.code, problem.message, errors, problem.requestId);
}
