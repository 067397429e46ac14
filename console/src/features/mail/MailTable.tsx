// Mails in rows: how each stands, what went wrong, what can be done.
import { useState } from "react";
import { asProblem } from "@/api/problems";
import { Button, TextLink } from "@/design/Button";
import { Badge, type Tone } from "@/design/Feedback";
import { formatNumber } from "@/design/format";
import { type Column, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { adviceOn, canRetry, type Mail, useRetry } from "./outbox";

const words = texts.mail;
const kinds = texts.settings.mails.kinds;
const END = 8;
const TONES: Record<Mail["status"], Tone> = { waiting: "info", sent: "good", dead: "danger", discarded: "neutral" };

const COLUMNS: Column<Mail>[] = [
  {
    name: words.mail,
    show: (mail) => (
      <>
        <span className="block font-semibold">{kinds[mail.kind].name}</span>
        <TextLink to={`/clients/${mail.client_id}`} className="text-xs">
          {words.ofClient(mail.client_id.slice(-END))}
        </TextLink>
      </>
    ),
  },
  { name: words.status, show: (mail) => <Status mail={mail} /> },
  { name: words.attempts, figures: true, show: (mail) => formatNumber(mail.attempts) },
  { name: words.lastError, show: (mail) => <LastError error={mail.last_error} /> },
  { name: words.made, show: (mail) => <Time at={mail.created_at} /> },
  { name: words.next, show: (mail) => <Next mail={mail} /> },
  { name: words.action, show: (mail) => canRetry(mail) && <Retry mail={mail} />, action: true },
];

/** The mails; `busy`: others are being fetched. */
export function MailTable({ mails, busy }: { mails: Mail[]; busy: boolean }) {
  return (
    <Table
      caption={words.caption}
      columns={COLUMNS}
      rows={mails}
      rowKey={(mail) => mail.message_id}
      mark={markOf}
      busy={busy}
    />
  );
}

function markOf(mail: Mail): "warning" | "danger" | undefined {
  if (mail.status === "dead") return "danger";
  return hasFailed(mail) ? "warning" : undefined;
}

function hasFailed(mail: Mail): boolean {
  return mail.status === "waiting" && mail.last_error !== null;
}

function Status({ mail }: { mail: Mail }) {
  if (hasFailed(mail)) return <Badge tone="warning">{words.statuses.failing}</Badge>;
  return (
    <>
      <Badge tone={TONES[mail.status]}>{words.statuses[mail.status]}</Badge>
      {mail.sent_at && (
        <span className="block text-xs text-quiet">
          <Time at={mail.sent_at} />
        </span>
      )}
    </>
  );
}

function LastError({ error }: { error: string | null }) {
  if (error === null) return <>–</>;
  const advice = adviceOn(error);
  return (
    <span className="block max-w-80">
      <code className="block font-mono text-xs">{error}</code>
      {advice && <span className="block text-xs text-quiet">{advice}</span>}
    </span>
  );
}

function Next({ mail }: { mail: Mail }) {
  if (mail.status !== "waiting") return <>–</>;
  const due = new Date(mail.next_attempt_at).getTime() <= Date.now();
  return (
    <>
      {due && words.due} <Time at={mail.next_attempt_at} />
    </>
  );
}

function Retry({ mail }: { mail: Mail }) {
  const retry = useRetry();
  const tell = useToast();
  const [busy, setBusy] = useState(false);
  async function send() {
    setBusy(true);
    try {
      await retry(mail);
      tell(words.retried);
    } catch (error) {
      tell(asProblem(error).message);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button
      small
      busy={busy}
      aria-label={words.retryMail(kinds[mail.kind].name, mail.client_id.slice(-END))}
      onClick={() => void send()}
    >
      {words.retry}
    </Button>
  );
}
