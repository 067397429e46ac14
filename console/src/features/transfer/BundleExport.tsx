// The client as one file: asked for here, written in the background, downloaded when it is ready.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useSearchParams } from "react-router";
import { api, call, type Schema } from "@/api/client";
import { ApiProblem, asProblem } from "@/api/problems";
import { useClientId, useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Form, PasswordField } from "@/design/Form";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { texts } from "@/texts";
import { BundleJob } from "./BundleJob";

type Job = Schema<"ExportView">;

const words = texts.transfer.bundle;
/** Under this name the address leads back to a file. */
const JOB = "export";
const EVERY_MS = 2_000;

/** Makes a file of the client, and shows the one that is being made. */
export function BundleExport() {
  const [address, setAddress] = useSearchParams();
  const job = address.get(JOB);
  const follow = (id: string | null) => setAddress(id === null ? {} : { [JOB]: id }, { replace: true });
  return (
    <Section title={words.title} lead={words.lead}>
      <div className="flex flex-col gap-5">
        {job === null ? (
          <>
            <Contents />
            <Begin onBegun={follow} />
          </>
        ) : (
          <Followed key={job} job={job} onAnother={() => follow(null)} />
        )}
      </div>
    </Section>
  );
}

function Contents() {
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <div className="text-sm">
        <h3 className="font-semibold">{words.inside}</h3>
        <ul className="my-1 list-disc pl-5">
          {words.insideList.map((part) => (
            <li key={part}>{part}</li>
          ))}
        </ul>
        <p className="text-quiet">{words.outside}</p>
      </div>
      <div>
        <Notice tone="warning" title={words.care}>
          {words.careLead}
        </Notice>
      </div>
    </div>
  );
}

function Begin({ onBegun }: { onBegun: (job: string) => void }) {
  const client_id = useClientId();
  const queries = useQueryClient();
  return (
    <div className="max-w-xl">
      <Form
        send={words.begin}
        onSend={async ({ passphrase }) => {
          const body = passphrase === undefined ? {} : { passphrase };
          const job = await call(api.POST("/api/v1/{client_id}/export", { params: { path: { client_id } }, body }));
          queries.setQueryData(["bundle", client_id, job.job_id], job);
          onBegun(job.job_id);
        }}
      >
        <PasswordField
          name="passphrase"
          label={words.passphrase}
          hint={words.passphraseHint}
          minLength={15}
          maxLength={1024}
          autoComplete="new-password"
        />
        <p className="text-sm text-quiet">{words.fresh}</p>
      </Form>
    </div>
  );
}

/** A file that the address names; whoever comes back later decides when to prove who they are. */
function Followed({ job, onAnother }: { job: string; onAnother: () => void }) {
  const { client, fresh_until } = useSession();
  const [asked, setAsked] = useState(() => new Date(fresh_until).getTime() > Date.now());
  const path = { client_id: client.client_id, job_id: job };
  const query = useQuery({
    queryKey: ["bundle", client.client_id, job],
    // Without `download=true` the answer is JSON; the document names both kinds of answers.
    queryFn: async () => (await call(api.GET("/api/v1/{client_id}/export/{job_id}", { params: { path } }))) as Job,
    enabled: asked,
    // After a refusal (the proof of who one is has become old) nobody is asked again without having been asked for.
    refetchInterval: ({ state }) =>
      !state.error && ["pending", "running"].includes(state.data?.status ?? "") ? EVERY_MS : false,
  });
  const another = <Button onClick={onAnother}>{words.another}</Button>;
  if (query.error instanceof ApiProblem && query.error.status === 404) {
    return (
      <Row action={another}>
        <Notice tone="warning" title={words.gone}>
          {words.goneLead}
        </Notice>
      </Row>
    );
  }
  if (!asked && query.data === undefined) {
    return (
      <Row action={another}>
        <div className="flex flex-wrap items-center gap-3 text-sm">
          <Button look="primary" onClick={() => setAsked(true)}>
            {words.look}
          </Button>
          {words.lookLead}
        </div>
      </Row>
    );
  }
  return (
    <Loaded query={query} lines={6}>
      {(found) => (
        <>
          <BundleJob job={found} another={another} />
          {query.error && <ProblemNotice problem={asProblem(query.error)} onRetry={() => void query.refetch()} />}
        </>
      )}
    </Loaded>
  );
}

function Row({ action, children }: { action: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-3">
      {children}
      {action}
    </div>
  );
}
