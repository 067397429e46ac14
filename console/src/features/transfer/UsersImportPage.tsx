// Taking users over from another system: a file is checked first, then brought in.
import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useEffect, useRef, useState } from "react";
import { type ApiProblem, asProblem } from "@/api/problems";
import { useClientId, useSession } from "@/api/session";
import { Button, TextLink } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { formatBytes } from "@/design/format";
import { Page, Section } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { texts } from "@/texts";
import { FileForms } from "./FileForms";
import { ImportOutcome } from "./ImportOutcome";
import { type ImportState, NOTHING_YET } from "./importReport";
import { formOf, importUsers } from "./importUsers";

const words = texts.transfer.users;

/** `/users/import`. */
export function UsersImportPage() {
  const session = useSession();
  return (
    <Page title={words.importTitle} lead={<TextLink to="/users">{texts.users.back}</TextLink>}>
      {session.client.is_platform && <Notice tone="warning" title={words.notForPlatform} />}
      {!session.client.is_platform && <Import />}
      <FileForms />
    </Page>
  );
}

function Import() {
  const [file, setFile] = useState<File | null>(null);
  const run = useImport(file);
  return (
    <Section title={words.file} lead={words.importLead}>
      <div className="flex flex-col gap-4">
        <FileField
          file={file}
          onChoose={(chosen) => {
            run.reset();
            setFile(chosen);
          }}
        />
        {file && (
          <div className="flex flex-wrap gap-3">
            <Button
              look={run.checked ? "secondary" : "primary"}
              busy={run.busy === "check"}
              disabled={run.busy !== null}
              onClick={() => void run.start(true)}
            >
              {words.check}
            </Button>
            {run.checked && (
              <Button
                look="primary"
                busy={run.busy === "import"}
                disabled={run.busy !== null}
                onClick={() => void run.start(false)}
              >
                {words.bringIn(run.checked.counts.added)}
              </Button>
            )}
            {run.busy && <Button onClick={run.stop}>{texts.common.stop}</Button>}
          </div>
        )}
        {run.problem && <ProblemNotice problem={run.problem} />}
        {run.state && <ImportOutcome {...run} state={run.state} />}
      </div>
    </Section>
  );
}

function FileField({ file, onChoose }: { file: File | null; onChoose: (file: File | null) => void }) {
  return (
    <label className="flex flex-col gap-1 text-sm font-medium">
      {words.choose}
      <input
        type="file"
        accept=".csv,.ndjson,.jsonl,text/csv,application/x-ndjson"
        onChange={(event) => onChoose(event.target.files?.[0] ?? null)}
        className="w-full rounded-lg border border-edge bg-surface p-2 text-ink file:mr-3 file:rounded-md file:border-0 file:bg-raised file:px-3 file:py-1.5 file:font-semibold file:text-ink"
      />
      <span aria-live="polite" className="font-normal text-quiet">
        {file && words.chosen(formOf(file) === "csv" ? words.csv : words.ndjson, formatBytes(file.size))}
      </span>
    </label>
  );
}

interface Run {
  busy: "check" | "import" | null;
  dryRun: boolean;
  state: ImportState | null;
  /** What the check of this very file has found, once it went through to the end. */
  checked: ImportState | null;
  problem: ApiProblem | null;
  stopped: boolean;
  start: (dryRun: boolean) => Promise<void>;
  stop: () => void;
  reset: () => void;
}

const IDLE = { busy: null, dryRun: true, state: null, checked: null, problem: null, stopped: false } as const;

function useImport(file: File | null): Run {
  const clientId = useClientId();
  const queries = useQueryClient();
  const [now, setNow] = useState<Pick<Run, keyof typeof IDLE>>(IDLE);
  const running = useRef<AbortController | null>(null);
  useStopAtTheEnd(running);

  async function start(dryRun: boolean) {
    if (file === null) return;
    const own = new AbortController();
    running.current = own;
    const begun = { dryRun, busy: dryRun ? "check" : "import", state: NOTHING_YET } as const;
    setNow((before) => ({ ...IDLE, ...begun, checked: before.checked }));
    try {
      const tell = (state: ImportState) => setNow((before) => ({ ...before, state }));
      const state = await importUsers(clientId, file, { dryRun, signal: own.signal, tell });
      setNow((before) => ({
        ...IDLE,
        dryRun,
        state,
        checked: dryRun ? worthwhile(state) : leftOf(before.checked, state),
      }));
    } catch (error) {
      // Whatever was brought in by now is in; the same file goes on from there.
      const stopped = own.signal.aborted;
      setNow((before) => ({ ...before, busy: null, stopped, problem: stopped ? null : asProblem(error) }));
    }
    if (!dryRun) await queries.invalidateQueries({ queryKey: ["users", clientId] });
  }
  return {
    ...now,
    start,
    stop: () => running.current?.abort(),
    reset: () => {
      running.current?.abort();
      setNow(IDLE);
    },
  };
}

/** The outcome of a check after which there is something to bring in. */
function worthwhile(state: ImportState): ImportState | null {
  return state.summary?.finished && state.counts.added > 0 ? state : null;
}

/** After an import that ended early the same file can be sent again. */
function leftOf(checked: ImportState | null, state: ImportState): ImportState | null {
  return state.summary?.finished ? null : checked;
}

function useStopAtTheEnd(running: RefObject<AbortController | null>) {
  useEffect(() => () => running.current?.abort(), [running]);
}
