// Keeps the session of the page, and asks for a fresh proof of who one is where a call wants it.
import { type ReactNode, useCallback } from "react";
import { SessionProvider } from "@/api/session";

/** Everything below it may ask who is logged in. */
export function SessionKeeper({ children }: { children: ReactNode }) {
  const askForProof = useCallback(async () => false, []);
  return <SessionProvider askForProof={askForProof}>{children}</SessionProvider>;
}
