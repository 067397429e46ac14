// What people take elsewhere: values and commands with a button that copies them, and secrets that are shown once.
import { type ReactNode, useState } from "react";
import { texts } from "@/texts";
import { CopyButton } from "./CopyButton";
import { Notice } from "./Feedback";
import { SecretGuard } from "./LeaveGuard";

/** An id in small type, which fits beside its button on a phone too. */
export function CopyableId({ id }: { id: string }) {
  return (
    <span className="flex items-center gap-1">
      <code className="min-w-0 font-mono text-xs break-all max-sm:tracking-tighter">{id}</code>
      <CopyButton text={id} quiet />
    </span>
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

/** A secret that the service shows this once; until it is copied, or `kept` elsewhere, leaving the page asks. */
export function SecretOnce({
  title,
  secret,
  kept = false,
  children,
}: {
  title: string;
  secret: string;
  /** Said to be stored. */
  kept?: boolean;
  children?: ReactNode;
}) {
  const [copied, setCopied] = useState<string | null>(null);
  return (
    <Notice tone="warning" title={title}>
      <div className="mt-2 flex flex-col gap-2">
        <Copyable value={secret} onCopied={() => setCopied(secret)} />
        <p>{children ?? texts.common.shownOnce}</p>
      </div>
      {!kept && copied !== secret && <SecretGuard />}
    </Notice>
  );
}
