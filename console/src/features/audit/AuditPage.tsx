// The audit log: filters, the entries that match, and what is new while one watches.
import { useState } from "react";
import { EmptyState } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Page, Section } from "@/design/Page";
import { Switch } from "@/design/Switch";
import { More } from "@/design/Table";
import { useFilters } from "@/design/useFilters";
import { texts } from "@/texts";
import { AuditFilters } from "./AuditFilters";
import { EntryDialog } from "./EntryDialog";
import { EntryTable } from "./EntryTable";
import { ExportButton } from "./ExportButton";
import { type Entry, FILTERS, useEntries, useLive } from "./entries";
import { useNaming } from "./useNaming";

const words = texts.audit;

/** The audit log of one's own client. */
export function AuditPage() {
  const [filters, choose, clear, cleared] = useFilters(FILTERS);
  const [live, setLive] = useState(false);
  const [open, setOpen] = useState<Entry | null>(null);
  const list = useEntries(filters);
  const { found, failed } = useLive(filters, live);
  const naming = useNaming(list.data ?? []);
  const chosen = Object.values(filters).filter((value) => value !== "").length;
  return (
    <Page title={words.title} lead={words.lead} actions={<ExportButton filters={filters} />}>
      <AuditFilters filters={filters} chosen={chosen} cleared={cleared} onChoose={choose} onClear={clear} />
      <Section
        title={words.entries}
        lead={<span role="status">{live ? liveWords(found.size, failed) : words.order}</span>}
        actions={
          <Switch on={live} onSwitch={setLive}>
            {words.live}
          </Switch>
        }
      >
        <Loaded query={list} lines={12}>
          {(entries) =>
            entries.length > 0 ? (
              <EntryTable entries={entries} fresh={found} naming={naming} onOpen={setOpen} />
            ) : (
              <Nothing chosen={chosen > 0} />
            )
          }
        </Loaded>
        <More list={list} />
      </Section>
      {open && <EntryDialog entry={open} naming={naming} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function liveWords(found: number, failed: boolean): string {
  if (failed) return words.liveFailed;
  return found > 0 ? words.liveFound(found) : words.liveOn;
}

function Nothing({ chosen }: { chosen: boolean }) {
  return chosen ? (
    <EmptyState title={words.nothing}>{words.nothingLead}</EmptyState>
  ) : (
    <EmptyState title={words.empty}>{words.emptyLead}</EmptyState>
  );
}
