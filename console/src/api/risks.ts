// What would be lost if the page went now: what somebody has typed, and secrets that are shown once.

export interface Risk {
  /** How it is asked about. */
  words: { title: string; explains: string; leave: string; stay: string };
  /** Whether there is something to lose at this moment. */
  isReal: () => boolean;
  /** It cannot be had again: the page even stays when the session ends, until it is taken down. */
  isSecret?: boolean;
  /** Only a step back or forward loses it by accident: every other way on is one that the person has chosen. */
  byHistory?: boolean;
}

const risks = new Set<Risk>();
let postponed: (() => void) | null = null;

/** Let a risk count for as long as the returned function is not called. */
export function guardAgainst(risk: Risk): () => void {
  risks.add(risk);
  return () => {
    risks.delete(risk);
    queueMicrotask(goOn); // the next one may take its place at once
  };
}

/** Return the worst of what would be lost now, if anything: a secret before all else. */
export function worstRisk(counts: (risk: Risk) => boolean = () => true): Risk | undefined {
  const real = [...risks].filter((risk) => counts(risk) && risk.isReal());
  return real.find((risk) => risk.isSecret) ?? real[0];
}

/** Keep what would take a secret away for later; false: there is none. Only the last that was kept is done. */
export function postpone(go: () => void): boolean {
  if (!worstRisk()?.isSecret) return false;
  postponed = go;
  return true;
}

/** What was kept for later is no longer called for. */
export function dropPostponed(): void {
  postponed = null;
}

function goOn() {
  if (worstRisk()?.isSecret) return;
  const go = postponed;
  postponed = null;
  go?.();
}
