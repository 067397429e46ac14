// Dialogs: the browser's own <dialog>, which keeps the focus inside, closes by Escape and gives the focus back.
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Form, TextField, type Values } from "./Form";

/**
 * A dialog that is open for as long as it is rendered; `onClose` is told when it should go. Null: only what stands in
 * it leads out of it.
 */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: (() => void) | null;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the dialog leaves the page: once it is gone, closing it gives the focus back to nothing.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={() => {
        // A second Escape closes it whatever the page says.
        if (!dialog.current || dialog.current.open) return;
        if (onClose) onClose();
        else dialog.current.showModal();
      }}
      className="m-auto max-h-[90dvh] w-[min(36rem,calc(100vw-2rem))] overflow-y-auto rounded-xl border border-line bg-surface p-5 text-ink"
    >
      <div className="mb-4 flex items-start justify-between gap-4">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        {onClose && (
          <Button small look="quiet" className="-mr-2.5 shrink-0" onClick={onClose}>
            {texts.common.close}
          </Button>
        )}
      </div>
      {children}
    </dialog>
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
