// The questions of a report and how each of them ended.
import type { Schema } from "@/api/client";
import { Badge, type Tone } from "@/design/Feedback";
import { texts } from "@/texts";

type Check = Schema<"IsolationCheck">;

const words = texts.isolation;
const TONES: Record<string, Tone> = { passed: "good", failed: "danger", absent: "warning" };

/** Checks in the order of the report; what failed comes first. */
export function Checks({ checks }: { checks: Check[] }) {
  const ordered = [...checks].sort((one, other) => Number(other.status === "failed") - Number(one.status === "failed"));
  return (
    <ul className="divide-y divide-line">
      {ordered.map((check) => (
        <li key={check.name} className="flex flex-wrap items-start gap-x-4 gap-y-1 py-3 text-sm first:pt-0 last:pb-0">
          <span className="w-28 shrink-0">
            <Badge tone={TONES[check.status] ?? "neutral"}>{words.results[check.status] ?? check.status}</Badge>
          </span>
          <div className="min-w-0 max-sm:w-full sm:flex-1">
            <h3 className="font-semibold">{words.names[check.name] ?? check.name}</h3>
            <p>{check.says}</p>
            {Object.keys(check.counts).length > 0 && <p className="text-quiet">{words.lookedAt(check.counts)}</p>}
            <Failures failures={check.failures} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Failures({ failures }: { failures: string[] }) {
  if (failures.length === 0) return null;
  return (
    <ul className="mt-1 list-disc pl-5 text-danger">
      {failures.map((failure) => (
        <li key={failure}>{failure}</li>
      ))}
    </ul>
  );
}
