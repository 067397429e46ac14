// How events of the audit log are named wherever they are listed.
import type { Schema } from "@/api/client";
import { texts } from "@/texts";
import { Badge } from "./Feedback";

const words = texts.audit;

/** What happened, in words, with the action as the service names it below. */
export function EventName({ action }: { action: string }) {
  const said = words.actions[action];
  if (!said) return <code className="font-mono">{action}</code>;
  return (
    <>
      {said}
      <EventCode action={action} />
    </>
  );
}

/** The action as filters and programs name it, in a line of its own. */
export function EventCode({ action }: { action: string }) {
  return <code className="block font-mono text-xs font-normal text-quiet">{action}</code>;
}

/** How it ended. */
export function EventResult({ status }: { status: Schema<"AuditLog">["status"] }) {
  return <Badge tone={status === "failed" ? "danger" : "neutral"}>{words.results[status]}</Badge>;
}
