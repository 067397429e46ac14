// Asks before a page is left on which something stands that cannot be shown again.
import { useEffect } from "react";
import { useBlocker } from "react-router";

/** While `guarded`, the browser asks before it leaves; a way inside the console waits for one of the two returned. */
export function useLeaveGuard(guarded: boolean): { proceed: () => void; stay: () => void } | null {
  const blocker = useBlocker(guarded);
  useEffect(() => {
    if (!guarded) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [guarded]);
  return blocker.state === "blocked" ? { proceed: () => blocker.proceed(), stay: () => blocker.reset() } : null;
}
