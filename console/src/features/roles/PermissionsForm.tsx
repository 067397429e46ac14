// What a role holds, to be changed.
import { useState } from "react";
import { lacking, type Role } from "@/api/roles";
import { useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Form } from "@/design/Form";
import { ScopesField } from "@/design/Scopes";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { usePutRole } from "./usePutRole";

const words = texts.roles;

/** The known scopes as boxes to tick, and the client's own words. */
export function PermissionsForm({ role }: { role: Role }) {
  const session = useSession();
  const put = usePutRole();
  const tell = useToast();
  const [chosen, setChosen] = useState(role.permissions);
  const [tries, setTries] = useState(0);
  const changed = !sameWords(chosen, role.permissions);

  async function send() {
    if (changed) await put(role.name, chosen);
    tell(words.saved);
  }
  function undo() {
    setChosen(role.permissions);
    setTries(tries + 1);
  }

  return (
    <Form
      send={texts.common.save}
      onSend={send}
      actions={changed && <Button onClick={undo}>{texts.common.cancel}</Button>}
    >
      <ScopesField
        key={tries}
        name="permissions"
        label={words.may}
        labelled
        chosen={chosen}
        onChoose={setChosen}
        offered={(scope) => lacking(session, [scope]).length === 0}
      />
    </Form>
  );
}

function sameWords(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((word) => other.includes(word));
}
