import { expect, test } from "vitest";
import { Report } from "./importReport";

const BAD = { line: 3, email: "ada@example.com", code: "email_taken", errors: { email: ["There is one."] } };
const PROGRESS = { total: 3, added: 2, skipped: 1, failed: 0 };
const SUMMARY = { ...PROGRESS, dry_run: true, import_id: null, finished: true };
const TOLD = [BAD, { progress: PROGRESS }, SUMMARY].map((line) => `${JSON.stringify(line)}\n`).join("");

test("a report is the same wherever its pieces end", () => {
  for (const size of [1, 7, TOLD.length]) {
    const report = new Report();
    for (let at = 0; at < TOLD.length; at += size) report.take(TOLD.slice(at, at + size));
    expect(report.state.bad).toEqual([BAD]);
    expect(report.state.counts).toMatchObject(PROGRESS);
    expect(report.state.summary).toEqual(SUMMARY);
  }
});

test("the counts are known before the summary is", () => {
  const report = new Report();
  const [bad = "", progress = ""] = TOLD.split("\n");
  expect(report.take(`${bad}\n${progress}\n{"tot`)).toMatchObject({ counts: PROGRESS, bad: [BAD], summary: null });
});
