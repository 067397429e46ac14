// Asks before a page is left with something that would be lost: by a link or the button back, by logging out, by closing
// the tab.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useBlocker } from "react-router";
import { LosingQuestion } from "./Dialog";

interface Words {
  title: string;
  explains: string;
  leave: string;
  stay: string;
}
interface Keeper {
  /** Ask for as long as the returned function is not called. */
  guard: (words: Words) => () => void;
  /** Do what ends the page, once the reader agrees to what is lost by it. */
  leaving: (go: () => void) => void;
}

const Keeping = createContext<Keeper>({ guard: () => () => undefined, leaving: (go) => go() });

/** Asks for as long as it is rendered. Another part of the same page is no leaving. */
export function LeaveGuard({ words }: { words: Words }) {
  const { guard } = useContext(Keeping);
  useEffect(() => guard(words), [guard, words]);

  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, []);
  return null;
}

/** Return what does something that ends the page, such as logging out: first it asks where something would be lost. */
export function useLeaving(): (go: () => void) => void {
  return useContext(Keeping).leaving;
}

/** Keeps the guards of all pages, as a router has room for one of them; it asks once, whatever is lost. */
export function LeaveKeeper({ children }: { children: ReactNode }) {
  const guards = useRef(new Set<{ words: Words }>());
  const [waiting, setWaiting] = useState<(() => void) | null>(null);
  const blocked = useBlocker(
    ({ currentLocation, nextLocation }) =>
      guards.current.size > 0 && currentLocation.pathname !== nextLocation.pathname,
  );
  const guard = useCallback((words: Words) => {
    const one = { words };
    guards.current.add(one);
    return () => {
      guards.current.delete(one);
    };
  }, []);
  const leaving = useCallback((go: () => void) => {
    if (guards.current.size > 0) setWaiting(() => go);
    else go();
  }, []);
  const keeper = useMemo(() => ({ guard, leaving }), [guard, leaving]);

  const isBlocked = blocked.state === "blocked";
  const words = [...guards.current].at(-1)?.words;
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
