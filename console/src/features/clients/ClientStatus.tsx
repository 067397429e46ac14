// How a client stands, in a word.
import { Badge, type Tone } from "@/design/Feedback";
import { texts } from "@/texts";

const TONES: Record<string, Tone> = { active: "good", suspended: "warning", erasing: "danger" };

/** Active, suspended or being erased. */
export function ClientStatus({ status }: { status: string }) {
  return <Badge tone={TONES[status] ?? "neutral"}>{texts.clients.statuses[status] ?? status}</Badge>;
}

/** How a row of a client that is not as others is marked. */
export function markOf(client: { status: string }): "warning" | "danger" | undefined {
  if (client.status === "suspended") return "warning";
  return client.status === "erasing" ? "danger" : undefined;
}
