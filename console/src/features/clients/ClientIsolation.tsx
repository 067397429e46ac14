// Whether anybody else reaches a client's data, in one word with its proof.
import type { Schema } from "@/api/client";
import { asProblem } from "@/api/problems";
import { Badge, Notice } from "@/design/Feedback";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { useIsolation } from "./clientQueries";

const words = texts.clients;

/** The verdict of the client's latest isolation report. */
export function ClientIsolation({ clientId }: { clientId: string }) {
  const query = useIsolation(clientId);
  const isNone = query.error !== null && asProblem(query.error).code === "not_found";
  return (
    <Section title={words.isolation}>
      {isNone ? (
        <p className="text-sm text-quiet">{words.isolationNone}</p>
      ) : (
        <Loaded query={query} lines={4}>
          {({ report, measured_at }) => <Verdict report={report} measuredAt={measured_at} />}
        </Loaded>
      )}
    </Section>
  );
}

function Verdict({ report, measuredAt }: { report: Schema<"IsolationReport">; measuredAt: string }) {
  const checks = [...report.checks, ...(report.installation?.checks ?? [])];
  const failed = checks.filter((check) => check.status === "failed");
  const asked = checks.filter((check) => check.status !== "absent");
  return (
    <div className="flex flex-col gap-2 text-sm">
      {report.passed ? (
        <p>
          <Badge tone="good">{words.isolated}</Badge>
        </p>
      ) : (
        <Notice tone="danger" title={words.notIsolated}>
          <ul className="list-disc pl-5">
            {failed.map((check) => (
              <li key={check.name}>{check.says}</li>
            ))}
          </ul>
          <p>{words.isolationFailed}</p>
        </Notice>
      )}
      <p>{words.isolationChecks(asked.length - failed.length, asked.length)}</p>
      <p>{words.isolationTried(report.tried.requests, report.tried.routes)}</p>
      <p>{report.enforced_by_database ? words.isolationByDatabase : words.isolationByService}</p>
      <p className="text-quiet">
        {words.measured} <Time at={measuredAt} />
      </p>
    </div>
  );
}
