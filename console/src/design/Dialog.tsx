// Dialogs: the browser's own <dialog>, which keeps the focus inside, closes by Escape and gives the focus back.
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Form, TextField } from "./Form";

/** A dialog that is open for as long as it is rendered; `onClose` is told when it should go. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-auto max-h-[90dvh] w-[min(36rem,calc(100vw-2rem))] overflow-y-auto rounded-xl border border-line bg-surface p-5 text-ink"
    >
      <div className="mb-4 flex items-start justify-between gap-4">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        <Button small look="quiet" onClick={onClose}>
          {texts.common.close}
        </Button>
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
  title,
  confirm,
  typed,
  small = true,
  look = "danger",
  onConfirm,
  children,
}: {
  label: string;
  title: string;
  confirm: string;
  typed?: string;
  small?: boolean;
  look?: "danger" | "secondary";
  onConfirm: () => Promise<unknown>;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small={small} look={look} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {open && (
        <Dialog title={title} onClose={() => setOpen(false)}>
          <Form
            send={confirm}
            look={look === "danger" ? "danger" : "primary"}
            onSend={async () => {
              await onConfirm();
              setOpen(false);
            }}
            actions={<Button onClick={() => setOpen(false)}>{texts.common.cancel}</Button>}
          >
            <div className="text-sm">{children}</div>
            {typed !== undefined && (
              <TextField
                name="typed"
                label={texts.common.typeToConfirm(typed)}
                required
                autoComplete="off"
                spellCheck={false}
                pattern={typed.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")}
                title={texts.common.typeToConfirm(typed)}
              />
            )}
          </Form>
        </Dialog>
      )}
    </>
  );
}
