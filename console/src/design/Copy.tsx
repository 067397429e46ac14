// What people take elsewhere: values and commands with a button that copies them, and secrets that are shown once.
import { type ReactNode, useState } from "react";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Notice } from "./Feedback";

/** A button that copies `text` and says so. */
export function CopyButton({
  text,
  label = texts.common.copy,
  onCopied,
}: {
  text: string;
  label?: string;
  onCopied?: (() => void) | undefined;
}) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    onCopied?.();
    setTimeout(() => setCopied(false), 2000);
  }
  return (
    <Button small className="shrink-0" onClick={() => void copy()}>
      <span aria-live="polite">{copied ? texts.common.copied : label}</span>
    </Button>
  );
}

/** A value in the type of code, with a button that copies it. */
export function Copyable({ value, onCopied }: { value: string; onCopied?: (() => void) | undefined }) {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <code className="min-w-0 font-mono text-sm break-all">{value}</code>
      <CopyButton text={value} onCopied={onCopied} />
    </span>
  );
}

/** A command or another text of several lines, with a button that copies it. */
export function CodeBlock({ code, name }: { code: string; name: string }) {
  return (
    <div className="rounded-lg border border-line bg-raised">
      <div className="flex items-center justify-between gap-3 border-b border-line px-3 py-1.5 text-sm text-quiet">
        <span>{name}</span>
        <CopyButton text={code} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className="overflow-x-auto px-3 py-2 font-mono text-sm whitespace-pre-wrap break-all">
        {code}
      </pre>
    </div>
  );
}

/** A secret that the service shows this once. */
export function SecretOnce({
  title,
  secret,
  onCopied,
  children,
}: {
  title: string;
  secret: string;
  onCopied?: () => void;
  children?: ReactNode;
}) {
  return (
    <Notice tone="warning" title={title}>
      <div className="mt-2 flex flex-col gap-2">
        <Copyable value={secret} onCopied={onCopied} />
        <p>{children ?? texts.common.shownOnce}</p>
      </div>
    </Notice>
  );
}
