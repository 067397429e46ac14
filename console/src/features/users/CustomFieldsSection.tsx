// What the client's application keeps about a user, as JSON.
import { useState } from "react";
import type { Schema } from "@/api/client";
import { type Fault, readObject } from "@/api/jsonObject";
import { ApiProblem } from "@/api/problems";
import { Button } from "@/design/Button";
import { CodeBlock } from "@/design/Copy";
import { Dialog } from "@/design/Dialog";
import { Form, TextArea, type Values } from "@/design/Form";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { useChangeUser } from "./useChangeUser";

type User = Schema<"UserView">;

const words = texts.users;
const NAME = "custom_fields";

/** The object, with a button to change it for whoever may. */
export function CustomFieldsSection({ user, writes }: { user: User; writes: boolean }) {
  const [changing, setChanging] = useState(false);
  return (
    <Section
      title={words.custom}
      lead={words.customLead}
      actions={
        writes && (
          <Button small onClick={() => setChanging(true)}>
            {words.customChange}
          </Button>
        )
      }
    >
      {Object.keys(user.custom_fields).length > 0 ? (
        <CodeBlock name={words.json} code={written(user)} />
      ) : (
        <p className="text-sm text-quiet">{words.customEmpty}</p>
      )}
      {changing && <CustomFieldsDialog user={user} onClose={() => setChanging(false)} />}
    </Section>
  );
}

function CustomFieldsDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const change = useChangeUser(user.user_id);
  const tell = useToast();

  async function send({ custom_fields = "{}" }: Values) {
    const read = readObject(custom_fields);
    if (read.fault) throw new ApiProblem(422, "validation_failed", words.customWrong, { [NAME]: [told(read.fault)] });
    await change({ custom_fields: read.value });
    tell(texts.common.saved);
    onClose();
  }

  return (
    <Dialog title={words.customChange} onClose={onClose}>
      <Form send={texts.common.save} onSend={send} actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}>
        <TextArea
          name={NAME}
          label={words.customLabel}
          hint={words.customHint}
          required
          rows={12}
          defaultValue={written(user)}
          spellCheck={false}
          autoCapitalize="none"
          className="font-mono text-sm"
        />
      </Form>
    </Dialog>
  );
}

function told(fault: Fault): string {
  if (fault.kind === "number") return texts.common.jsonNumber(fault.path);
  return fault.kind === "not_json" ? words.customNotJson(fault.said) : words.customNotObject;
}

function written(user: User): string {
  return JSON.stringify(user.custom_fields, null, 2);
}
