// Two ways to prove the same, a form and a passkey, of which one at a time is under way.
import { useState } from "react";

export type Way = "form" | "passkey";

/** Return the way that is under way, if one is, and how to go it. */
export function useOneWay(): [
  underway: Way | null,
  go: <Result>(way: Way, work: () => Promise<Result>) => Promise<Result>,
] {
  const [underway, setUnderway] = useState<Way | null>(null);
  async function go<Result>(way: Way, work: () => Promise<Result>): Promise<Result> {
    setUnderway(way);
    try {
      return await work();
    } finally {
      setUnderway(null);
    }
  }
  return [underway, go];
}
