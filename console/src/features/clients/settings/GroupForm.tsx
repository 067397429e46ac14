// A form over the settings of one group; it sends what was changed and nothing else.
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/design/Button";
import { Form } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Client, useChangeClient } from "../clientQueries";
import { FieldRow } from "./FieldRow";
import type { Field, Group } from "./groups";
import { changedFields, changeOf, type Drafts, draftsOf, inWords, pathOf, standingOf } from "./values";

const words = texts.settings;

/** The form, over the client as it was when it was `opened`. */
export function GroupForm({
  group,
  opened,
  fixed,
  onEdit,
  onClose,
}: {
  group: Group;
  opened: Client;
  fixed: (field: Field) => string | null;
  onEdit: (unsaved: boolean) => void;
  onClose: () => void;
}) {
  const [client] = useState(opened);
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(client, group.fields));
  const change = useChangeClient(client.client_id);
  const tell = useToast();
  const changed = useMemo(() => changedFields(client, group.fields, drafts), [client, group, drafts]);
  const unsaved = changed.length > 0;
  useEffect(() => onEdit(unsaved), [onEdit, unsaved]);

  async function save() {
    if (unsaved) {
      await change(changeOf(client, changed, drafts)).catch((problem: unknown) => {
        throw inWords(problem, group.fields);
      });
      tell(words.saved(changed.length));
    }
    onClose();
  }

  return (
    <div ref={useFirstFieldFocus()}>
      <Form
        send={words.save(changed.length)}
        onSend={save}
        actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}
      >
        {group.fields.map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            path={pathOf(client, field.name)}
            origin={standingOf(client, field.name).origin}
            draft={drafts[field.name] ?? null}
            before={draftsOf(client, [field])[field.name] ?? ""}
            changed={changed.includes(field)}
            fixed={fixed(field)}
            onDraft={(draft) => setDrafts((all) => ({ ...all, [field.name]: draft }))}
          />
        ))}
      </Form>
    </div>
  );
}

/** Puts the focus into the first field of a form that has just been opened. */
export function useFirstFieldFocus() {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.querySelector<HTMLElement>("input, select, textarea")?.focus(), []);
  return place;
}
