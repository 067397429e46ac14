// What the service tells of an import while it works, put together from the pieces that arrive.

export interface Counts {
  total: number;
  added: number;
  skipped: number;
  failed: number;
}
export interface BadRow {
  line: number;
  email?: string;
  code: string;
  errors: Record<string, string[]>;
}
/** How an import ended; `code` and `detail` say why where it could not go on. */
export interface Summary extends Counts {
  dry_run: boolean;
  import_id: string | null;
  finished: boolean;
  code?: string;
  detail?: string;
}
/** What is known so far of a run; the summary is there once the whole answer is. */
export interface ImportState {
  counts: Counts;
  bad: BadRow[];
  summary: Summary | null;
}

export const NOTHING_YET: ImportState = {
  counts: { total: 0, added: 0, skipped: 0, failed: 0 },
  bad: [],
  summary: null,
};
type Line = { progress: Counts } | BadRow | Summary;

/** Puts the report together from its pieces, which end anywhere. There may be a line for each of a million rows. */
export class Report {
  state: ImportState = NOTHING_YET;
  private readonly bad: BadRow[] = [];
  private rest = "";

  /** Take the next piece in; return what is known now. */
  take(piece: string): ImportState {
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop() ?? "";
    this.state = { ...this.state, bad: this.bad };
    for (const line of lines.filter(Boolean)) this.line(JSON.parse(line) as Line);
    return this.state;
  }

  private line(told: Line): void {
    if ("progress" in told) this.state.counts = told.progress;
    else if ("dry_run" in told) Object.assign(this.state, { counts: told, summary: told });
    else this.bad.push(told);
  }
}
