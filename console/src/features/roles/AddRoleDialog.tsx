// Making a role: its name, and what it may do.
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiProblem } from "@/api/problems";
import { lacking } from "@/api/roles";
import { useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Form, TextField, type Values } from "@/design/Form";
import { ScopesField } from "@/design/Scopes";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { usePutRole } from "./usePutRole";

const words = texts.roles;

/** The dialog; it leads to the new role. `names` are taken: a role of such a name would be changed, not made. */
export function AddRoleDialog({ names, onClose }: { names: string[]; onClose: () => void }) {
  const session = useSession();
  const put = usePutRole();
  const go = useNavigate();
  const tell = useToast();
  const [chosen, setChosen] = useState<string[]>(["read", "write"]);

  async function send({ name = "" }: Values) {
    if (names.includes(name)) throw new ApiProblem(409, "conflict", words.taken, { name: [words.taken] });
    await put(name, chosen);
    tell(words.made(name));
    await go(`/roles/${name}`);
  }

  return (
    <Dialog title={words.addTitle} onClose={onClose}>
      <Form send={words.add} onSend={send} actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}>
        <TextField
          name="name"
          label={words.name}
          hint={words.nameHint}
          required
          minLength={2}
          maxLength={32}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <p className="text-sm text-quiet">{words.mayHint}</p>
        <ScopesField
          name="permissions"
          label={words.may}
          chosen={chosen}
          onChoose={setChosen}
          offered={(scope) => lacking(session, [scope]).length === 0}
        />
      </Form>
    </Dialog>
  );
}
