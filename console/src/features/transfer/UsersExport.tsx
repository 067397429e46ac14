// All users as a file.
import { useState } from "react";
import { useDownload } from "@/api/download";
import { type ApiProblem, asProblem } from "@/api/problems";
import { useClientId, useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { DownloadProgress } from "@/design/DownloadProgress";
import { Section } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.transfer.users;

/** Two buttons, one for each form of the file. */
export function UsersExport() {
  const clientId = useClientId();
  const { slug, is_platform } = useSession().client;
  const download = useDownload();
  const tell = useToast();
  const [problem, setProblem] = useState<ApiProblem | null>(null);

  async function save(form: "csv" | "ndjson") {
    setProblem(null);
    try {
      const saved = await download.start(`/api/v1/${clientId}/users/export?format=${form}`, `users-${slug}.${form}`);
      if (saved) tell(words.saved);
    } catch (error) {
      setProblem(asProblem(error));
    }
  }

  const busy = download.progress !== null;
  return (
    <Section
      title={words.exportTitle}
      lead={is_platform ? words.exportLead : `${words.exportLead} ${words.exportHashes}`}
    >
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap gap-2">
          <Button disabled={busy} onClick={() => void save("csv")}>
            {words.exportCsv}
          </Button>
          <Button disabled={busy} onClick={() => void save("ndjson")}>
            {words.exportNdjson}
          </Button>
        </div>
        <DownloadProgress download={download} />
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </Section>
  );
}
