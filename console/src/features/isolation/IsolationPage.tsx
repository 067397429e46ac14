// The latest proof that no other client reaches this client's data.
import { useQuery } from "@tanstack/react-query";
import { api, call, type Schema } from "@/api/client";
import { ApiProblem } from "@/api/problems";
import { may, useClientId, useSession } from "@/api/session";
import { Button, TextLink } from "@/design/Button";
import { EmptyState, Notice } from "@/design/Feedback";
import { formatNumber } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Facts, Page, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { Checks } from "./Checks";
import { SignedDocument } from "./SignedDocument";

type Report = Schema<"IsolationReport">;

const words = texts.isolation;

/** The isolation report of one's own client. */
export function IsolationPage() {
  const client_id = useClientId();
  const query = useQuery({
    queryKey: ["isolation", client_id],
    queryFn: () => call(api.GET("/api/v1/{client_id}/isolation-report", { params: { path: { client_id } } })),
  });
  if (query.error instanceof ApiProblem && query.error.status === 404) {
    return (
      <Page title={words.title} lead={words.lead}>
        <EmptyState
          title={words.none}
          action={
            <Button busy={query.isFetching} onClick={() => void query.refetch()}>
              {words.look}
            </Button>
          }
        >
          {words.noneLead}
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title={words.title} lead={words.lead}>
      <Loaded query={query} lines={14}>
        {({ report, document }) => (
          <>
            <Verdict report={report} />
            <Examined report={report} />
            <Section
              title={report.installation ? words.own : words.everyRoute}
              lead={report.installation && words.ownLead}
            >
              <Checks checks={report.checks} />
            </Section>
            {report.installation && (
              <Section title={words.everyRoute} lead={words.everyRouteLead}>
                <Checks checks={report.installation.checks} />
              </Section>
            )}
            <SignedDocument text={document} measuredAt={report.measured_at} />
            <Section title={words.limits}>
              <p className="max-w-prose text-sm">{words.limitsLead}</p>
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Verdict({ report }: { report: Report }) {
  const session = useSession();
  if (report.passed) {
    return (
      <Notice tone="good" title={words.passed}>
        {words.passedLead}
      </Notice>
    );
  }
  return (
    <Notice tone="danger" title={words.failed} alert>
      <p>{words.failedLead}</p>
      <p className="mt-2 font-semibold">{words.whatNow}</p>
      <ol className="list-decimal pl-5">
        {(session.is_operator ? words.stepsOperator : words.steps).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {may(session, "audit:read") && (
        <p className="mt-2">
          <TextLink to="/audit">{words.toAudit}</TextLink>
        </p>
      )}
    </Notice>
  );
}

function Examined({ report }: { report: Report }) {
  const { tried, versions, installation } = report;
  return (
    <Section title={words.facts}>
      <Facts
        facts={[
          ...((installation ? [[words.measured, <Time key="own" at={report.measured_at} />]] : []) as [
            string,
            React.ReactNode,
          ][]),
          [words.installation, <Time key="all" at={(installation ?? report).measured_at} />],
          [words.routes, formatNumber(tried.routes)],
          [words.requests, formatNumber(tried.requests)],
          [words.credentials, formatNumber(tried.credentials)],
          [words.database, words.databases[report.database] ?? report.database],
          [words.enforced, report.enforced_by_database ? words.enforcedYes : words.enforcedNo],
          [words.version, versions.rowlock],
          [words.migrations, versions.migrations],
        ]}
      />
    </Section>
  );
}
