// Shows what a query has brought: grey bars before, what went wrong with a second try, or the thing itself.
import type { ReactNode } from "react";
import { type ApiProblem, asProblem } from "@/api/problems";
import { texts } from "@/texts";
import { Loading, Notice } from "./Feedback";
import { formatMoment } from "./format";
import { ProblemNotice, Wait } from "./ProblemNotice";

/** Show `children` of a query's data once it is there; `lines` is about how much room it will take. */
export function Loaded<Data>({
  query,
  lines,
  children,
}: {
  query: { data: Data | undefined; error: unknown; dataUpdatedAt?: number; refetch: () => unknown };
  lines?: number;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {Boolean(query.error) && (
          <NotUpdated
            since={query.dataUpdatedAt}
            reason={asProblem(query.error)}
            onRetry={() => void query.refetch()}
          />
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.error) return <NotLoaded problem={asProblem(query.error)} onRetry={() => void query.refetch()} />;
  return <Loading lines={lines ?? 3} />;
}

/** Another try helps, but not against a role that may not read this. */
function NotLoaded({ problem, onRetry }: { problem: ApiProblem; onRetry: () => void }) {
  if (problem.code !== "insufficient_scope") return <ProblemNotice problem={problem} onRetry={onRetry} />;
  return (
    <Notice tone="warning" title={texts.common.notAllowedHere}>
      {texts.problems.insufficient_scope}
    </Notice>
  );
}

/** What is shown has been right once: it is left in sight, with why it may no longer be. */
function NotUpdated({
  since,
  reason,
  onRetry,
}: {
  since: number | undefined;
  reason: ApiProblem;
  onRetry: () => void;
}) {
  const { notUpdated, notUpdatedSince } = texts.common;
  const said = since ? notUpdatedSince(formatMoment(new Date(since).toISOString())) : notUpdated;
  return (
    <div role="status">
      <Notice tone="warning" title={said}>
        {reason.message}
        <Wait problem={reason} onOver={onRetry} />
      </Notice>
    </div>
  );
}
