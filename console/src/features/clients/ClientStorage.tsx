// How much room a client takes.
import type { Schema } from "@/api/client";
import { formatBytes } from "@/design/format";
import { type Line, Lines } from "@/design/Lines";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { useStorage } from "./clientQueries";

const words = texts.clients;
/** Rows and bytes by kind, the largest first. */
export function ClientStorage({ clientId }: { clientId: string }) {
  return (
    <Section title={words.storage}>
      <Loaded query={useStorage(clientId)} lines={8}>
        {(storage) => (
          <div className="flex flex-col gap-2 text-sm">
            <p>{words.storageTotal(formatBytes(storage.bytes))}</p>
            <Lines lines={storage.parts.filter((part) => part.rows > 0).map(lineOf)} />
            <p className="text-quiet">
              {words.measured} <Time at={storage.measured_at} />
            </p>
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function lineOf(part: Schema<"PartView">): Line {
  const size = formatBytes(part.bytes);
  return {
    name: words.parts[part.name] ?? part.name,
    value: part.estimated ? words.about(size) : size,
    note: words.rows(part.rows),
  };
}
