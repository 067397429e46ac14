// The mail queue, for operators: what waits, what was given up and why, and trying again.
import { useSearchParams } from "react-router";
import { Button } from "@/design/Button";
import { EmptyState, Loading, Notice } from "@/design/Feedback";
import { FilterId, FilterSelect, Filters } from "@/design/Filters";
import { formatNumber } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Box, Figure, Figures, Page } from "@/design/Page";
import { More } from "@/design/Table";
import { useFilters } from "@/design/useFilters";
import { texts } from "@/texts";
import { MailTable } from "./MailTable";
import { type Counts, isOverdue, type Mail, type MailFilters, STATUSES, useOutbox } from "./outbox";

const words = texts.mail;
const kinds = texts.settings.mails.kinds;
const FILTERS = ["status", "kind", "client_id"] as const;

/** The page of the mail queue. */
export function OutboxPage() {
  const [filters, choose, clear, cleared] = useFilters(FILTERS);
  const outbox = useOutbox(filters);
  const counts = outbox.data?.counts;
  return (
    <Page title={words.title} lead={words.lead}>
      {outbox.isPending && <Loading lines={4} />}
      {counts && <Tally counts={counts} />}
      {outbox.data?.delivery === "folder" && <p className="text-sm text-quiet">{words.folder}</p>}
      {outbox.data && <Warnings mails={outbox.data.mails} counts={counts} shown={filters.status} />}
      <MailFiltering key={cleared} filters={filters} choose={choose} />
      <Loaded query={outbox} lines={12}>
        {({ mails }) => (
          <>
            <Box>
              {mails.length > 0 ? (
                <MailTable mails={mails} busy={outbox.isPlaceholderData} />
              ) : (
                <Nothing counts={counts} filtered={Object.values(filters).some(Boolean)} onClear={clear} />
              )}
              <More list={outbox} />
            </Box>
            <p className="text-sm text-quiet">{outbox.isLive ? words.live : words.paused}</p>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function MailFiltering({
  filters,
  choose,
}: {
  filters: MailFilters;
  choose: (name: keyof MailFilters, value: string) => void;
}) {
  return (
    <Filters name={words.filters}>
      <FilterSelect
        label={words.status}
        value={filters.status}
        options={[["", words.anyStatus], ...STATUSES.map(named)]}
        onChoose={(value) => choose("status", value)}
      />
      <FilterSelect
        label={words.kind}
        value={filters.kind}
        options={[
          ["", words.anyKind],
          ...Object.entries(kinds).map(([kind, { name }]): [string, string] => [kind, name]),
        ]}
        onChoose={(value) => choose("kind", value)}
      />
      <FilterId label={words.client} value={filters.client_id} onChoose={(value) => choose("client_id", value)} />
    </Filters>
  );
}

function named(status: Mail["status"]): [string, string] {
  return [status, words.statuses[status]];
}

function Tally({ counts }: { counts: Counts }) {
  return (
    <Figures>
      {STATUSES.map((status) => (
        <Figure
          key={status}
          name={words.counts[status]}
          value={formatNumber(counts[status])}
          note={words.countNotes[status]}
        />
      ))}
    </Figures>
  );
}

function Warnings({ mails, counts, shown }: { mails: Mail[]; counts: Counts | undefined; shown: string }) {
  const [, setAddress] = useSearchParams();
  const dead = counts?.dead ?? 0;
  return (
    <>
      {mails.some((mail) => isOverdue(mail)) && (
        <Notice tone="danger" title={words.overdueTitle}>
          {words.overdue}
        </Notice>
      )}
      {dead > 0 && (
        <Notice tone="warning" title={words.deadTitle(dead)}>
          <p>{words.deadText}</p>
          {shown !== "dead" && (
            <Button small className="mt-2" onClick={() => setAddress({ status: "dead" }, { replace: true })}>
              {words.showDead}
            </Button>
          )}
        </Notice>
      )}
    </>
  );
}

function Nothing({
  counts,
  filtered,
  onClear,
}: {
  counts: Counts | undefined;
  filtered: boolean;
  onClear: () => void;
}) {
  if (filtered) {
    return <EmptyState title={words.noneTitle} action={<Button onClick={onClear}>{texts.common.noFilters}</Button>} />;
  }
  const written = counts && STATUSES.some((status) => counts[status] > 0);
  return written ? (
    <EmptyState title={words.emptyTitle}>{words.empty}</EmptyState>
  ) : (
    <EmptyState title={words.newTitle}>{words.newText}</EmptyState>
  );
}
