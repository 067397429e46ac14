// How much room the client's data takes, and all of it as one file.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { may, useSession } from "@/api/session";
import { BarList } from "@/design/BarList";
import { formatBytes, formatNumber } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Figure, Figures, Page, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { BundleExport } from "@/features/transfer/BundleExport";
import { texts } from "@/texts";

const words = texts.statistics.storage;

/** Storage of one's own client. */
export function StoragePage() {
  const session = useSession();
  const { client_id, is_platform } = session.client;
  const query = useQuery({
    queryKey: ["storage", client_id],
    queryFn: () => call(api.GET("/api/v1/{client_id}/storage", { params: { path: { client_id } } })),
  });
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        query.data && (
          <p className="text-sm text-quiet">
            {words.measured} <Time at={query.data.measured_at} />
          </p>
        )
      }
    >
      <Loaded query={query} lines={12}>
        {(storage) => <Room storage={storage} />}
      </Loaded>
      {may(session, "admin") && !is_platform && <BundleExport />}
    </Page>
  );
}

function Room({ storage }: { storage: Schema<"StorageView"> }) {
  const rows = storage.parts.reduce((sum, part) => sum + part.rows, 0);
  const users = storage.parts.find((part) => part.name === "users");
  const [largest] = storage.parts;
  const bars = storage.parts
    .filter((part) => part.rows > 0)
    .map(({ name, rows: own, bytes, estimated }) => ({
      name: words.parts[name] ?? name,
      value: bytes,
      shown: estimated ? words.estimated(formatBytes(bytes)) : formatBytes(bytes),
      note: words.rowsOf(own),
    }));
  return (
    <>
      <Figures>
        <Figure name={words.total} value={formatBytes(storage.bytes)} />
        <Figure name={words.rows} value={formatNumber(rows)} />
        <Figure name={words.users} value={formatNumber(users?.rows ?? 0)} />
        <Figure name={words.largest} value={largest ? (words.parts[largest.name] ?? largest.name) : null} />
      </Figures>
      <Section title={words.room} lead={words.roomLead}>
        <BarList label={words.room} bars={bars} />
      </Section>
    </>
  );
}
