// Dialogs: the browser's own <dialog>, which keeps the focus inside, closes by Escape and gives the focus back.
import { type ReactNode, type RefObject, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Risk } from "@/api/risks";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Form, type Values } from "./Form";
import { useGuard } from "./leaving";
import { TypedField } from "./TypedField";
import { useChanges } from "./useChanges";

type OnClose = (() => void) | null;
/** Where the focus goes at first: not to "Close", which a space that somebody types would press. */
const FIRST = "[data-first], input:not([type=hidden]), select, textarea";

/**
 * A dialog that is open for as long as it is rendered; `onClose` is told when it should go. Null: only what stands in
 * it leads out of it. Whoever has typed something is asked before it is lost, by the browser's Back too, except by a
 * button of the page's own.
 */
export function Dialog({
  title,
  explains,
  onClose,
  children,
}: {
  title: string;
  /** Read out with the title. */
  explains?: string;
  onClose: OnClose;
  children: ReactNode;
}) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const { asking, close, closed, stay, discard } = useClosing(dialog, onClose);
  return (
    <>
      <Modal ref={dialog} titled={id} explained={explains && `${id}-explains`} onCancel={close} onClosed={closed}>
        <div className="mb-4 flex items-start justify-between gap-4">
          <h2 id={id} className="text-lg font-semibold">
            {title}
          </h2>
          {onClose && (
            <Button small look="quiet" className="-mr-2.5 shrink-0" onClick={close}>
              {texts.common.close}
            </Button>
          )}
        </div>
        {explains !== undefined && (
          <p id={`${id}-explains`} className="mb-4 text-sm">
            {explains}
          </p>
        )}
        {children}
      </Modal>
      {asking && onClose && <LosingQuestion words={texts.common.discard} onStay={stay} onLeave={discard} />}
    </>
  );
}

/** Closes a dialog, after a question where something was typed. */
function useClosing(dialog: RefObject<HTMLDialogElement | null>, onClose: OnClose) {
  const [asking, setAsking] = useState(false);
  const isChanged = useChanges(dialog);
  const risk = useMemo<Risk>(() => ({ words: texts.common.discard, isReal: isChanged, byHistory: true }), [isChanged]);
  useGuard(onClose && risk);
  return {
    asking,
    close: () => {
      if (onClose && isChanged()) setAsking(true);
      else onClose?.();
    },
    /** It is closed already, whatever was asked; false: it is to open again. */
    closed: () => {
      if (onClose === null || isChanged()) return false;
      onClose();
      return true;
    },
    stay: () => setAsking(false),
    discard: () => {
      flushSync(() => setAsking(false)); // the question goes first, so that the focus finds its way back step by step
      onClose?.();
    },
  };
}

/** The browser's dialog, open from the beginning to the end. */
function Modal({
  ref,
  titled,
  explained,
  onCancel,
  onClosed,
  children,
}: {
  ref: RefObject<HTMLDialogElement | null>;
  titled: string;
  explained: string | undefined;
  onCancel: () => void;
  onClosed: () => boolean;
  children: ReactNode;
}) {
  const focused = useRef<HTMLElement>(null);
  // Before the dialog leaves the page: once it is gone, closing it gives the focus back to nothing.
  useLayoutEffect(() => {
    const shown = ref.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>(FIRST)?.focus();
    return () => shown?.close();
  }, [ref]);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titled}
      aria-describedby={explained}
      onCancel={(event) => {
        if (event.target !== event.currentTarget || !event.cancelable) return; // a dialog within; or it closes anyway
        event.preventDefault();
        onCancel();
      }}
      onClose={(event) => {
        const shown = event.currentTarget;
        if (event.target === shown && !shown.open && !onClosed()) openAgain(shown, focused.current);
      }}
      onFocus={(event) => {
        focused.current = event.target;
      }}
      className="m-auto max-h-[90dvh] w-[min(36rem,calc(100vw-2rem))] overflow-y-auto rounded-xl border border-line bg-surface p-5 text-ink"
    >
      {children}
    </dialog>
  );
}

/** Escape pressed again and again closes a dialog whatever the page says: the browser asks it but once in a while. */
function openAgain(dialog: HTMLDialogElement, focused: HTMLElement | null) {
  dialog.showModal();
  focused?.focus();
}

/** Asks before something is lost. */
export function LosingQuestion({
  words,
  onStay,
  onLeave,
}: {
  words: { title: string; explains: string; leave: string; stay: string };
  onStay: () => void;
  onLeave: () => void;
}) {
  return (
    <Dialog title={words.title} explains={words.explains} onClose={onStay}>
      <div className="flex flex-wrap gap-3">
        <Button look="primary" data-first onClick={onStay}>
          {words.stay}
        </Button>
        <Button look="danger" onClick={onLeave}>
          {words.leave}
        </Button>
      </div>
    </Dialog>
  );
}

/**
 * A button that asks before it does something that cannot be taken back. With `typed`, that very word must be typed
 * first. `onConfirm` may throw an ApiProblem, which the dialog shows.
 */
export function ConfirmButton({
  label,
  name,
  title,
  confirm,
  typed,
  small = true,
  look = "danger",
  onConfirm,
  children,
}: {
  label: string;
  /** What the button does, in full, where its label alone says too little: one of many in a list. */
  name?: string;
  title: string;
  confirm: string;
  typed?: string;
  small?: boolean;
  look?: "danger" | "secondary";
  /** Gets the values of the fields among `children`. */
  onConfirm: (values: Values) => Promise<unknown>;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  async function send(values: Values) {
    setBusy(true);
    try {
      await onConfirm(values);
      setOpen(false);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <Button small={small} look={look === "danger" ? "caution" : look} aria-label={name} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {open && (
        <Dialog title={title} onClose={busy ? null : () => setOpen(false)}>
          <Form
            send={confirm}
            look={look === "danger" ? "danger" : "primary"}
            onSend={send}
            actions={
              <Button disabled={busy} onClick={() => setOpen(false)}>
                {texts.common.cancel}
              </Button>
            }
          >
            <div className="space-y-3 text-sm">{children}</div>
            {typed !== undefined && <TypedField word={typed} />}
          </Form>
        </Dialog>
      )}
    </>
  );
}
