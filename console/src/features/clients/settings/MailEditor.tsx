// The words of one kind of mail, with what may stand in braces and how the mail will read.
import { useEffect, useState } from "react";
import type { Schema } from "@/api/client";
import { Button } from "@/design/Button";
import { ConfirmButton } from "@/design/Dialog";
import { Form, TextArea, TextField } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, useChangeClient } from "../clientQueries";
import { useFirstFieldFocus } from "./GroupForm";
import { MailPreview } from "./MailPreview";
import { BUILT_IN, type MailKind } from "./mailWords";

const words = texts.settings.mails;
type Texts = Schema<"MailTexts">;
type Own = Schema<"MailText">;

/** The editor, over the client as it was when it was `opened`. */
export function MailEditor({
  opened,
  kind,
  onEdit,
  onClose,
}: {
  opened: Client;
  kind: MailKind;
  onEdit: (unsaved: boolean) => void;
  onClose: () => void;
}) {
  const [client] = useState(opened);
  const before: Own = client.settings.mail_texts.value[kind] ?? {};
  const [subject, setSubject] = useState(before.subject ?? "");
  const [text, setText] = useState(before.text ?? "");
  const own = wordsOf(subject, text);
  const unsaved = subject !== (before.subject ?? "") || text !== (before.text ?? "");
  const put = usePuttingWords(client, kind);
  useEffect(() => onEdit(unsaved), [onEdit, unsaved]);

  async function save() {
    if (unsaved) await put(own);
    onClose();
  }

  const name = words.kinds[kind].name;
  const path = `settings.mail_texts.${kind}`;
  return (
    <div ref={useFirstFieldFocus()} className="grid items-start gap-6 border-t border-line pt-4 lg:grid-cols-2">
      <div className="flex flex-col gap-4">
        <div>
          <h3 className="font-semibold">{name}</h3>
          <p className="text-sm text-quiet">{words.kinds[kind].sent}</p>
        </div>
        <Form send={texts.common.save} onSend={save} actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}>
          <TextField
            label={words.subject}
            hint={words.subjectHint}
            name={`${path}.subject`}
            value={subject}
            onChange={(event) => setSubject(event.target.value)}
            placeholder={BUILT_IN[kind].subject}
            maxLength={120}
            autoComplete="off"
          />
          <TextArea
            label={words.text}
            hint={`${words.textHint} ${words.linkBelow}`}
            name={`${path}.text`}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={BUILT_IN[kind].text}
            maxLength={2000}
            rows={8}
          />
          <Placeholders />
        </Form>
        {client.settings.mail_texts.value[kind] !== undefined && (
          <div>
            <ConfirmButton
              label={words.back}
              title={words.backTitle(name)}
              confirm={words.back}
              look="secondary"
              onConfirm={async () => {
                await put({});
                onClose();
              }}
            >
              {words.backExplains}
            </ConfirmButton>
          </div>
        )}
      </div>
      <MailPreview client={client} kind={kind} own={own} />
    </div>
  );
}

function Placeholders() {
  return (
    <div className="text-sm">
      <p className="font-medium">{words.placeholders}</p>
      <p className="text-quiet">{words.placeholdersExplain}</p>
      <dl className="mt-2 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
        {Object.entries(words.placeholder).map(([placeholder, means]) => (
          <div key={placeholder} className="contents">
            <dt className="font-mono">{`{${placeholder}}`}</dt>
            <dd className="text-quiet">{means}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Return a function that puts the words of one kind in place, and leaves those of the others as they are. */
function usePuttingWords(client: Client, kind: MailKind): (own: Own) => Promise<void> {
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  return async (own) => {
    const { source, value } = client.settings.mail_texts;
    const { [kind]: _, ...others } = value as Texts;
    const hasWords = Object.keys(own).length > 0;
    const after: Texts = hasWords ? { ...others, [kind]: own } : others;
    // Without any words of its own a client has none to keep, unless those of the operator would come back.
    const none = Object.keys(after).length === 0 && source !== "platform";
    await change({ settings: { mail_texts: none ? null : after } });
    tell(hasWords ? words.saved : words.tookBack);
  };
}

function wordsOf(subject: string, text: string): Own {
  return { ...(subject.trim() ? { subject } : {}), ...(text.trim() ? { text } : {}) };
}
