// One file with everything of the client: how far it is, and getting it.
import { type ReactNode, useState } from "react";
import type { Schema } from "@/api/client";
import { useDownload } from "@/api/download";
import { type ApiProblem, asProblem } from "@/api/problems";
import { useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Command } from "@/design/Command";
import { Copyable } from "@/design/Copy";
import { DownloadProgress } from "@/design/DownloadProgress";
import { Badge, Loading, Notice, type Tone } from "@/design/Feedback";
import { formatBytes } from "@/design/format";
import { Facts } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

type Job = Schema<"ExportView">;

const words = texts.transfer.bundle;
const TONES: Record<Job["status"], Tone> = { pending: "info", running: "info", done: "good", failed: "danger" };

/** A job and, when it is done, its file; `another` leads to the next one. */
export function BundleJob({ job, another }: { job: Job; another: ReactNode }) {
  const waiting = job.status === "pending" || job.status === "running";
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="sr-only">
        {words.state}: {words.states[job.status]}
      </p>
      {waiting && (
        <Notice title={words.working}>
          {words.workingLead}
          <Loading lines={1} />
        </Notice>
      )}
      {job.status === "failed" && (
        <Notice tone="danger" title={words.failed}>
          {words.failedLead}
        </Notice>
      )}
      <Facts
        facts={[
          [
            words.state,
            <Badge key="state" tone={TONES[job.status]}>
              {words.states[job.status]}
            </Badge>,
          ],
          [words.made, <Time key="made" at={job.created_at} />],
          [words.encrypted, job.encrypted ? words.withPassphrase : words.readable],
          [words.size, job.size === null ? null : formatBytes(job.size)],
          [words.digest, job.sha256 === null ? null : <Copyable key="digest" value={job.sha256} />],
          [words.until, <Time key="until" exact at={job.expires_at} />],
        ]}
      />
      {job.status === "done" ? <Fetching job={job} another={another} /> : <div>{another}</div>}
    </div>
  );
}

function Fetching({ job, another }: { job: Job; another: ReactNode }) {
  const { client } = useSession();
  const download = useDownload();
  const tell = useToast();
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const name = `${client.slug}.rowlock`;

  async function fetchIt() {
    setProblem(null);
    try {
      const path = `/api/v1/${client.client_id}/export/${job.job_id}?download=true`;
      if (await download.start(path, name)) tell(words.saved);
    } catch (error) {
      setProblem(asProblem(error));
    }
  }

  return (
    <>
      <div className="flex flex-wrap gap-3">
        <Button look="primary" busy={download.progress !== null} onClick={() => void fetchIt()}>
          {words.download}
        </Button>
        {another}
      </div>
      <DownloadProgress download={download} />
      {problem && <ProblemNotice problem={problem} />}
      <div className="flex flex-col gap-2 text-sm">
        <h3 className="font-semibold">{words.how}</h3>
        <p>{words.howLead}</p>
        <Command name={words.command} says={importCommand(name, client.slug, job.encrypted)} />
      </div>
    </>
  );
}

function importCommand(name: string, slug: string, encrypted: boolean): string {
  return `clients import ${name}${encrypted ? " --passphrase-file secret" : ""} --slug ${slug}-2 --trust keys.json`;
}
