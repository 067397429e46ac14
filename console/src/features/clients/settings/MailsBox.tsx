// The kinds of mail and whose words they have; one at a time is changed.
import { useState } from "react";
import { Button } from "@/design/Button";
import { ConfirmButton } from "@/design/Dialog";
import { Badge, type Tone } from "@/design/Feedback";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, useChangeClient } from "../clientQueries";
import { useReturningFocus } from "./GroupBox";
import { MailEditor } from "./MailEditor";
import { MAIL_KINDS, type MailKind } from "./mailWords";
import { OriginBadge } from "./OriginBadge";

const group = texts.settings.groups.mails;
const words = texts.settings.mails;

/** The group of the mail texts. */
export function MailsBox({ client, onEdit }: { client: Client; onEdit: (unsaved: boolean) => void }) {
  const [kind, setKind] = useState<MailKind | null>(null);
  const box = useReturningFocus(kind !== null);
  function close() {
    onEdit(false);
    setKind(null);
  }
  return (
    <div id="mails" ref={box} className="scroll-mt-4">
      <Section
        title={group.title}
        lead={group.lead}
        actions={<OriginBadge origin={client.settings.mail_texts.source} />}
      >
        {kind === null ? (
          <Kinds client={client} onOpen={setKind} />
        ) : (
          <MailEditor opened={client} kind={kind} onEdit={onEdit} onClose={close} />
        )}
      </Section>
    </div>
  );
}

function Kinds({ client, onOpen }: { client: Client; onOpen: (kind: MailKind) => void }) {
  return (
    <>
      <ul aria-label={words.caption}>
        {MAIL_KINDS.map((kind) => {
          const { name, sent } = words.kinds[kind];
          return (
            <li
              key={kind}
              className="flex items-start justify-between gap-4 border-t border-line py-3 text-sm last:pb-0"
            >
              <div className="min-w-0">
                <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold">
                  {name} <Whose client={client} kind={kind} />
                </p>
                <p className="text-quiet">{sent}</p>
              </div>
              <Button small aria-label={words.changeKind(name)} onClick={() => onOpen(kind)}>
                {words.change}
              </Button>
            </li>
          );
        })}
      </ul>
      {client.settings.mail_texts.source === "client" && <BackAll client={client} />}
    </>
  );
}

function Whose({ client, kind }: { client: Client; kind: MailKind }) {
  const { source, value } = client.settings.mail_texts;
  const whose: [Tone, string] =
    value[kind] === undefined || source === "default"
      ? ["neutral", words.builtIn]
      : source === "client"
        ? ["good", words.own]
        : ["info", words.operators];
  return <Badge tone={whose[0]}>{whose[1]}</Badge>;
}

function BackAll({ client }: { client: Client }) {
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  return (
    <div className="mt-4">
      <ConfirmButton
        label={words.backAll}
        title={words.backAllTitle}
        confirm={words.backAll}
        onConfirm={async () => {
          await change({ settings: { mail_texts: null } });
          tell(words.tookBack);
        }}
      >
        {words.backAllExplains}
      </ConfirmButton>
    </div>
  );
}
