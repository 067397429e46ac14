// Shows what a query has brought: grey bars before, what went wrong with a second try, or the thing itself.
import type { ReactNode } from "react";
import { asProblem } from "@/api/problems";
import { Loading } from "./Feedback";
import { ProblemNotice } from "./ProblemNotice";

/** Show `children` of a query's data once it is there; `lines` is about how much room it will take. */
export function Loaded<Data>({
  query,
  lines,
  children,
}: {
  query: { data: Data | undefined; error: unknown; refetch: () => unknown };
  lines?: number;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ProblemNotice problem={asProblem(query.error)} onRetry={() => void query.refetch()} />;
  return <Loading lines={lines ?? 3} />;
}
