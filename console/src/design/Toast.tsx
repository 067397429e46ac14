// Short words that something is done, read out and gone after some seconds.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

const SHOWN_MS = 5000;
const Toasting = createContext<(text: string) => void>(() => undefined);
const Ending = createContext<() => void>(() => undefined);

/** Return a function that tells the reader in a few words that something is done. */
export function useToast(): (text: string) => void {
  return useContext(Toasting);
}

/** Ends what is told when the part that asks goes: what belongs to somebody's pages says nothing after a log out. */
export function useToastsEndHere(): void {
  const end = useContext(Ending);
  useEffect(() => end, [end]);
}

/**
 * Keeps the place where toasts appear, the newest alone: at the lower edge, below any dialog, and in front of its
 * backdrop. They take no click from what they may lie on.
 */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ id: number; text: string } | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const tell = useCallback((text: string) => setShown({ id: performance.now(), text }), []);
  const end = useCallback(() => setShown(null), []);
  useLayoutEffect(() => {
    if (shown) putInFront(place.current);
  }, [shown]);
  useEffect(() => {
    if (!shown) return;
    const ending = setTimeout(end, SHOWN_MS);
    return () => clearTimeout(ending);
  }, [shown, end]);
  useEffect(() => {
    const opened = ({ target }: Event) => target instanceof HTMLDialogElement && putInFront(place.current);
    addEventListener("toggle", opened, true);
    return () => removeEventListener("toggle", opened, true);
  }, []);
  return (
    <Toasting value={tell}>
      <Ending value={end}>{children}</Ending>
      <div
        ref={place}
        popover="manual"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 top-auto bottom-1 m-0 flex w-auto justify-center overflow-visible border-0 bg-transparent p-0"
      >
        {shown && (
          <p key={shown.id} className="rounded-lg bg-ink px-4 py-1.5 text-sm text-canvas shadow-lg">
            {shown.text}
          </p>
        )}
      </div>
    </Toasting>
  );
}

/** What was shown last lies in front: of the dialogs too. */
function putInFront(place: HTMLElement | null) {
  if (!place?.isConnected) return;
  place.hidePopover();
  place.showPopover();
}
