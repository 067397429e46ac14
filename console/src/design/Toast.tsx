// Short words that something is done, read out and gone after some seconds.
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const Toasting = createContext<(text: string) => void>(() => undefined);

/** Return a function that tells the reader in a few words that something is done. */
export function useToast(): (text: string) => void {
  return useContext(Toasting);
}

/** Keeps the place where toasts appear. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ id: number; text: string }[]>([]);
  const tell = useCallback((text: string) => {
    const id = performance.now();
    setShown((before) => [...before, { id, text }]);
    setTimeout(() => setShown((before) => before.filter((toast) => toast.id !== id)), 5000);
  }, []);
  return (
    <Toasting value={tell}>
      {children}
      <div aria-live="polite" className="fixed inset-x-4 bottom-4 z-10 flex flex-col items-center gap-2">
        {shown.map((toast) => (
          <p key={toast.id} className="rounded-lg bg-ink px-4 py-2 text-sm text-canvas shadow-lg">
            {toast.text}
          </p>
        ))}
      </div>
    </Toasting>
  );
}
