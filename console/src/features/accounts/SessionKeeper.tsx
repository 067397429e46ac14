// Keeps the session of the page, and asks for a fresh proof of who one is where a call wants it.
import { lazy, type ReactNode, Suspense, useCallback, useRef, useState } from "react";
import { SessionProvider } from "@/api/session";
import { Boundary } from "@/design/Boundary";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { texts } from "@/texts";

const ProofDialog = lazy(async () => ({ default: (await import("./ProofDialog")).ProofDialog }));

const words = texts.accounts.proof;

/** Everything below it may ask who is logged in. Calls that wait for a proof at the same time share one dialog. */
export function SessionKeeper({ children }: { children: ReactNode }) {
  const waiting = useRef<((proved: boolean) => void)[]>([]);
  const [open, setOpen] = useState(false);
  const [broken, setBroken] = useState(false);

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
        <Boundary
          onBroken={() => {
            settle(false);
            setBroken(true);
          }}
        >
          <Suspense>
            <ProofDialog onSettled={settle} />
          </Suspense>
        </Boundary>
      )}
      {broken && <Outdated onClose={() => setBroken(false)} />}
    </SessionProvider>
  );
}

/** The code of the dialog is gone, as after a new build of the console: only a page loaded anew can ask. */
function Outdated({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={words.broken} onClose={onClose}>
      <p className="mb-4 text-sm">{words.brokenText}</p>
      <Button look="primary" onClick={() => location.reload()}>
        {texts.common.reload}
      </Button>
    </Dialog>
  );
}
