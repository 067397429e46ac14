// Asks before a page is left with something that would be lost: by a link or the button back, by logging out, by closing
// the tab.
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useBlocker } from "react-router";
import { guardAgainst, type Risk, worstRisk } from "@/api/risks";
import { useSessionState } from "@/api/session";
import { texts } from "@/texts";
import { LosingQuestion } from "./Dialog";
import { Keeping, useGuard } from "./leaving";

/** Asks for as long as it is rendered. Another part of the same page is no leaving. */
export function LeaveGuard({ words, isSecret = false }: { words: Risk["words"]; isSecret?: boolean }) {
  useGuard(useMemo(() => ({ words, isSecret, isReal: () => true }), [words, isSecret]));
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, []);
  return null;
}

/** Stands beside a secret that is shown once and not yet taken down; should the session end meanwhile, it says so. */
export function SecretGuard() {
  const { session, ended } = useSessionState();
  return (
    <>
      <LeaveGuard words={texts.common.leaveSecret} isSecret />
      {session && ended && (
        <p role="alert" className="mt-2 font-semibold">
          {texts.common.keptOpen}
        </p>
      )}
    </>
  );
}

/** Asks for all pages, as a router has room for one that does; it asks once, whatever is lost. */
export function LeaveKeeper({ children }: { children: ReactNode }) {
  const met = useRef<Risk>(undefined);
  const [waiting, setWaiting] = useState<(() => void) | null>(null);
  const blocked = useBlocker(({ currentLocation, nextLocation, historyAction }) => {
    if (currentLocation.pathname === nextLocation.pathname) return false;
    met.current = worstRisk((risk) => historyAction === "POP" || !risk.byHistory);
    return met.current !== undefined;
  });
  const leaving = useCallback((go: () => void) => {
    met.current = worstRisk();
    if (met.current) setWaiting(() => go);
    else go();
  }, []);
  const keeper = useMemo(() => ({ guard: guardAgainst, leaving }), [leaving]);

  const isBlocked = blocked.state === "blocked";
  const words = met.current?.words;
  function stay() {
    setWaiting(null);
    blocked.reset?.();
  }
  function leave() {
    setWaiting(null);
    if (isBlocked) blocked.proceed?.();
    else waiting?.();
  }
  return (
    <Keeping value={keeper}>
      {children}
      {words && (isBlocked || waiting) && <LosingQuestion words={words} onStay={stay} onLeave={leave} />}
    </Keeping>
  );
}
