// How events of the audit log are named wherever they are listed.
import { texts } from "@/texts";
import { type Event, nameOf, outcomeOf } from "./events";
import { Badge } from "./Feedback";

const words = texts.audit;

/** What happened, in words, with the action as the service names it below. */
export function EventName({ event }: { event: Event }) {
  const { action } = event;
  const said = nameOf(event);
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
export function EventResult({ event }: { event: Event }) {
  const outcome = outcomeOf(event);
  return <Badge tone={outcome === "failed" ? "danger" : "neutral"}>{words.results[outcome]}</Badge>;
}
