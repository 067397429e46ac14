// Dialogs: the browser's own <dialog>, which keeps the focus inside, closes by Escape and gives the focus back.
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Form, TextField, type Values } from "./Form";
import { useChanges } from "./useChanges";

/**
 * A dialog that is open for as long as it is rendered; `onClose` is told when it should go. Null: only what stands in
 * it leads out of it. Whoever has typed something is asked before it is lost, except by a button of the page's own.
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
  onClose: (() => void) | null;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const focused = useRef<HTMLElement>(null);
  const id = useId();
  const [asking, setAsking] = useState(false);
  // Before the dialog leaves the page: once it is gone, closing it gives the focus back to nothing.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    return () => shown?.close();
  }, []);
  const isChanged = useChanges(dialog);

  function close() {
    if (onClose === null) return;
    if (isChanged()) setAsking(true);
    else onClose();
  }
  function discard() {
    flushSync(() => setAsking(false)); // the question goes first, so that the focus finds its way back step by step
    onClose?.();
  }

  return (
    <>
      <dialog
        ref={dialog}
        aria-labelledby={id}
        aria-describedby={explains === undefined ? undefined : `${id}-explains`}
        onCancel={(event) => {
          if (event.target !== event.currentTarget || !event.cancelable) return; // a dialog within; or it closes anyway
          event.preventDefault();
          close();
        }}
        onClose={(event) => {
          const shown = event.currentTarget;
          if (event.target !== shown || shown.open) return;
          if (onClose === null || isChanged()) openAgain(shown, focused.current);
          else onClose();
        }}
        onFocus={(event) => {
          focused.current = event.target;
        }}
        className="m-auto max-h-[90dvh] w-[min(36rem,calc(100vw-2rem))] overflow-y-auto rounded-xl border border-line bg-surface p-5 text-ink"
      >
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
      </dialog>
      {asking && onClose && (
        <LosingQuestion words={texts.common.discard} onStay={() => setAsking(false)} onLeave={discard} />
      )}
    </>
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
        <Button look="primary" onClick={onStay}>
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
            {typed !== undefined && (
              <TextField
                name="typed"
                label={texts.common.typeToConfirm(typed)}
                required
                autoComplete="off"
                spellCheck={false}
                pattern={typed.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}
                title={texts.common.typeToConfirm(typed)}
              />
            )}
          </Form>
        </Dialog>
      )}
    </>
  );
}
