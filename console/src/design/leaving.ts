// How parts of a page say that something would be lost by leaving it, and how a page is ended all the same.
import { createContext, useContext, useEffect } from "react";
import type { Risk } from "@/api/risks";

interface Keeper {
  /** Ask for as long as the returned function is not called. */
  guard: (risk: Risk) => () => void;
  /** Do what ends the page, once the reader agrees to what is lost by it. */
  leaving: (go: () => void) => void;
}

/** Outside of the pages, as in what asks for a fresh proof, nobody asks. */
export const Keeping = createContext<Keeper>({ guard: () => () => undefined, leaving: (go) => go() });

/** Ask before `risk` is lost, for as long as it is named; name the same object for the same risk. */
export function useGuard(risk: Risk | null): void {
  const { guard } = useContext(Keeping);
  useEffect(() => (risk ? guard(risk) : undefined), [guard, risk]);
}

/** Return what does something that ends the page, such as logging out: first it asks where something would be lost. */
export function useLeaving(): (go: () => void) => void {
  return useContext(Keeping).leaving;
}
