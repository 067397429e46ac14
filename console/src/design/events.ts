// What an event of the audit log is called, and how it ended.
import type { Schema } from "@/api/client";
import { texts } from "@/texts";

export type Event = Pick<Schema<"AuditLog">, "action" | "status" | "detail">;
export type Outcome = keyof typeof words.results;

const words = texts.audit;
/** Why the service lets nobody in yet though nothing was wrong: it asks for one more thing. */
const ASKED: Record<string, Outcome> = {
  mfa_required: "factorAsked",
  mfa_enrollment_required: "factorToSetUp",
  reauth_required: "proofAsked",
  token_expired: "expired",
};

/** How it ended: what the service notes as failed may be a step of everyday use. */
export function outcomeOf({ status, detail }: Event): Outcome {
  if (status === "success") return "success";
  const reason = detail.reason ?? detail.code;
  return (typeof reason === "string" && Object.hasOwn(ASKED, reason) && ASKED[reason]) || "failed";
}

/** What happened, in words that are true of how it ended; null where there are none. */
export function nameOf(event: Event): string | null {
  const { action } = event;
  const outcome = outcomeOf(event);
  const ofAttempt = outcome === "success" ? undefined : words.attempts[action];
  const isHeld = action === "credential.refuse" && (outcome === "proofAsked" || outcome === "factorToSetUp");
  return (isHeld ? words.callHeld : ofAttempt) ?? words.actions[action] ?? null;
}
