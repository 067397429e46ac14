// Keeps the session of the page, and asks for a fresh proof of who one is where a call wants it.
import { lazy, type ReactNode, Suspense, useCallback, useRef, useState } from "react";
import { SessionProvider } from "@/api/session";

const ProofDialog = lazy(async () => ({ default: (await import("./ProofDialog")).ProofDialog }));

/** Everything below it may ask who is logged in. Calls that wait for a proof at the same time share one dialog. */
export function SessionKeeper({ children }: { children: ReactNode }) {
  const waiting = useRef<((proved: boolean) => void)[]>([]);
  const [open, setOpen] = useState(false);

  const askForProof = useCallback(() => {
    setOpen(true);
    return new Promise<boolean>((resolve) => waiting.current.push(resolve));
  }, []);
  const settle = useCallback((proved: boolean) => {
    setOpen(false);
    for (const resolve of waiting.current.splice(0)) resolve(proved);
  }, []);

  return (
    <SessionProvider askForProof={askForProof}>
      {children}
      {open && (
        <Suspense>
          <ProofDialog onSettled={settle} />
        </Suspense>
      )}
    </SessionProvider>
  );
}
