// What went wrong and what to do next: every refusal of the service is shown by this.
import type { ApiProblem } from "@/api/problems";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Countdown } from "./Countdown";
import { Notice } from "./Feedback";

/**
 * A problem of the service. Errors of the fields named in `besides` stand at those fields and are not repeated here.
 * Where there were too many calls, `onRetry` is also done by itself once the wait is over.
 */
export function ProblemNotice({
  problem,
  besides = [],
  onRetry,
}: {
  problem: ApiProblem;
  besides?: string[];
  onRetry?: () => void;
}) {
  const rest = Object.entries(problem.errors).filter(
    ([field]) => !besides.some((name) => field === name || field.startsWith(`${name}.`)),
  );
  const next = texts.problems[problem.code as keyof typeof texts.problems];
  return (
    <Notice tone="danger" title={problem.message} alert>
      {rest.length > 0 && (
        <ul className="list-disc pl-5">
          {rest.map(([field, said]) => (
            <li key={field}>
              <code>{field}</code>: {said.join(" ")}
            </li>
          ))}
        </ul>
      )}
      {next && <p>{next}</p>}
      <Wait problem={problem} onOver={onRetry} />
      {problem.status >= 500 && problem.requestId && <p>{texts.common.requestId(problem.requestId)}</p>}
      {onRetry && (
        <Button small onClick={onRetry} className="mt-2">
          {texts.common.retry}
        </Button>
      )}
    </Notice>
  );
}

/** How long the service asks to wait, where it does. */
export function Wait({ problem, onOver }: { problem: ApiProblem; onOver?: (() => void) | undefined }) {
  const { retryAfter, requestId, status, metAt } = problem;
  if (retryAfter === null) return null;
  return <Countdown key={requestId} seconds={retryAfter} since={metAt} onOver={status === 429 ? onOver : undefined} />;
}
