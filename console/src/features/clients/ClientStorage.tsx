// How much room a client takes.
import type { Schema } from "@/api/client";
import { type Bar, BarList } from "@/design/BarList";
import { formatBytes } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { useStorage } from "./clientQueries";

const words = texts.clients;
const kinds = texts.statistics.storage;

/** Rows and bytes by kind, the largest first. */
export function ClientStorage({ clientId }: { clientId: string }) {
  const query = useStorage(clientId);
  return (
    <Section
      title={words.storage}
      lead={query.data && words.storageTotal(formatBytes(query.data.bytes))}
      actions={
        query.data && (
          <p className="text-quiet">
            {words.measured} <Time at={query.data.measured_at} />
          </p>
        )
      }
    >
      <Loaded query={query} lines={8}>
        {({ parts }) => <BarList label={kinds.room} bars={parts.filter((part) => part.rows > 0).map(barOf)} columns />}
      </Loaded>
    </Section>
  );
}

function barOf({ name, rows, bytes, estimated }: Schema<"PartView">): Bar {
  const size = formatBytes(bytes);
  return {
    name: kinds.parts[name] ?? name,
    value: bytes,
    shown: estimated ? kinds.estimated(size) : size,
    note: kinds.rowsOf(rows),
  };
}
