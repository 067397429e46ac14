// Where the value of a setting comes from, in a word; the page explains the words.
import { Badge, type Tone } from "@/design/Feedback";
import { texts } from "@/texts";
import type { Origin } from "./values";

const words = texts.settings;
const TONES: Record<Origin, Tone> = { client: "good", platform: "info", default: "neutral" };
const ORDER: Origin[] = ["client", "platform", "default"];

/** The level that a value comes from; nothing for what is a fact of the client itself. */
export function OriginBadge({ origin }: { origin: Origin | null }) {
  return origin && <Badge tone={TONES[origin]}>{words.origin[origin]}</Badge>;
}

/** What the words mean. */
export function OriginLegend() {
  return (
    <dl aria-label={words.originsTitle} className="flex flex-col gap-2 text-sm">
      {ORDER.map((origin) => (
        <div key={origin} className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
          <dt>
            <OriginBadge origin={origin} />
          </dt>
          <dd className="text-quiet">{words.originMeans[origin]}</dd>
        </div>
      ))}
    </dl>
  );
}
