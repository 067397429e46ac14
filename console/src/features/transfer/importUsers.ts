// Sends a file of users, and reads what the service tells of its rows while it works.
import { sendFile } from "@/api/client";
import { type ImportState, Report } from "./importReport";

const MEDIA = { csv: "text/csv", ndjson: "application/x-ndjson" };

/** The form of a file, by its name: CSV, or else an object in each line. */
export function formOf(file: File): keyof typeof MEDIA {
  return /\.(csv|txt)$/i.test(file.name) || file.type === "text/csv" ? "csv" : "ndjson";
}

/** Import a file, or only check it; `tell` gets what is known after each piece of the answer. Throws ApiProblem. */
export async function importUsers(
  clientId: string,
  file: File,
  { dryRun, signal, tell }: { dryRun: boolean; signal: AbortSignal; tell: (state: ImportState) => void },
): Promise<ImportState> {
  const path = `/api/v1/${clientId}/users/import?dry_run=${dryRun.toString()}`;
  const response = await sendFile(path, file, MEDIA[formOf(file)], signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const report = new Report();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    tell(report.take(value));
  }
  return report.state;
}
