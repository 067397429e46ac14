// The button that copies a text.
import { useState } from "react";
import { texts } from "@/texts";
import { Button } from "./Button";
import { classes } from "./classes";
import { useToast } from "./Toast";

/** A button that copies `text` and says so. */
export function CopyButton({
  text,
  label = texts.common.copy,
  quiet = false,
  onCopied,
}: {
  text: string;
  label?: string;
  /** Without a border, no higher than the line it stands in. */
  quiet?: boolean;
  onCopied?: (() => void) | undefined;
}) {
  const [copied, setCopied] = useState(false);
  const tell = useToast();
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      tell(texts.common.notCopied); // refused, or missing where the page is no secure one
      return;
    }
    setCopied(true);
    onCopied?.();
    setTimeout(() => setCopied(false), 2000);
  }
  return (
    <Button
      small
      look={quiet ? "quiet" : "secondary"}
      className={classes("shrink-0", quiet && "-my-1.5 -mr-2.5 -ml-2")}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{copied ? texts.common.copied : label}</span>
    </Button>
  );
}
