// A client that is going, or has gone: how far it is, and in the end the receipt.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { asProblem } from "@/api/problems";
import { Page, Section } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { texts } from "@/texts";
import { DeletedCounts } from "./DeletedCounts";
import { ErasedParts } from "./ErasedParts";
import { type Erasure, eraseClient, isErased, sumOf } from "./erasing";

const words = texts.erasure;
const ASK_EVERY_MS = 2_000;

/** Follows an erasure that was begun to its end; each question carries it on, too. */
export function ErasurePage({
  clientId,
  slug,
  name,
  begun,
  back,
}: {
  clientId: string;
  slug: string;
  name: string;
  begun: Erasure;
  back: ReactNode;
}) {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ["erasure", clientId],
    queryFn: () => eraseClient(clientId, slug),
    initialData: begun,
    staleTime: Number.POSITIVE_INFINITY,
    // After a refusal (the proof of who one is has become old) nobody is asked again without having been asked for.
    refetchInterval: ({ state }) => (state.error || (state.data && isErased(state.data)) ? false : ASK_EVERY_MS),
  });
  const done = isErased(query.data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: lists are read anew at the beginning and at the end
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["clients", "list"] });
  }, [queries, done]);
  return (
    <Page
      key={done ? "done" : "running"}
      title={done ? words.done(name) : words.running(name)}
      lead={done ? words.doneLead : words.runningLead}
      actions={back}
    >
      {isErased(query.data) ? (
        <ErasedParts slug={slug} erased={query.data} />
      ) : (
        <Section title={words.counts}>
          <p role="status" className="mb-3 text-sm">
            {words.deletedSoFar(sumOf(query.data.job.deleted))}
          </p>
          <DeletedCounts deleted={query.data.job.deleted} />
        </Section>
      )}
      {query.error && <ProblemNotice problem={asProblem(query.error)} onRetry={() => void query.refetch()} />}
    </Page>
  );
}
