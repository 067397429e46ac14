// Asking an operator for something that only makes sense beside the tiers.
import { type ReactNode, useState } from "react";
import { type Tier, useTiers } from "@/api/tiers";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Form, type Values } from "@/design/Form";
import { Loaded } from "@/design/Loaded";
import { texts } from "@/texts";

/**
 * A button that opens a dialog with a form; there is nothing to send before the tiers have been read, as the fields that
 * say what is wanted stand beside them.
 */
export function TiersDialog({
  label,
  title,
  send,
  lines,
  onSend,
  children,
}: {
  label: string;
  title: string;
  send: string;
  lines: number;
  /** May throw an ApiProblem, which the form shows; else the dialog closes. */
  onSend: (values: Values) => Promise<unknown>;
  children: (tiers: Tier[]) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {label}
      </Button>
      {open && (
        <Dialog title={title} onClose={close}>
          <Tiers lines={lines}>
            {(tiers) => (
              <Form
                send={send}
                onSend={async (values) => {
                  await onSend(values);
                  close();
                }}
                actions={<Button onClick={close}>{texts.common.cancel}</Button>}
              >
                <div className="space-y-3 text-sm">{children(tiers)}</div>
              </Form>
            )}
          </Tiers>
        </Dialog>
      )}
    </>
  );
}

function Tiers({ lines, children }: { lines: number; children: (tiers: Tier[]) => ReactNode }) {
  return (
    <Loaded query={useTiers()} lines={lines}>
      {children}
    </Loaded>
  );
}
