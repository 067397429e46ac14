// Adding one user: by an invitation, or with a password. Whoever is to work in the console needs its address then.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { assignable, USER_ROLE, useRoles, worksInConsole } from "@/api/roles";
import { useClientId, useSession } from "@/api/session";
import { loginAddress } from "@/api/slugs";
import { Button } from "@/design/Button";
import { Copyable } from "@/design/Copy";
import { Dialog } from "@/design/Dialog";
import { CheckboxField, Form, PasswordField, SelectField, TextField, type Values } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.users;
const INVITE = "invite";
const PASSWORD = "password";

/** The dialog; it closes once the user is made and, if it is to work in the console, the way there is shown. */
export function AddUserDialog({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const clientId = useClientId();
  const roles = useRoles();
  const queries = useQueryClient();
  const tell = useToast();
  const [way, setWay] = useState(INVITE);
  const [colleague, setColleague] = useState<{ email: string; done: string } | null>(null);

  async function send(values: Values) {
    const made = await call(
      api.POST("/api/v1/{client_id}/users", { params: { path: { client_id: clientId } }, body: bodyOf(values) }),
    );
    await queries.invalidateQueries({ queryKey: ["users", clientId] });
    const done = way === INVITE ? words.wasInvited(made.email) : words.wasAdded(made.email);
    if (worksInConsole(made.role, roles.data)) return setColleague({ email: made.email, done });
    tell(done);
    onClose();
  }

  if (colleague) return <WayIn {...colleague} onClose={onClose} />;
  return (
    <Dialog title={words.addTitle} onClose={onClose}>
      <Form
        send={way === INVITE ? words.sendInvitation : words.addUser}
        onSend={send}
        actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}
      >
        <TextField name="email" type="email" label={words.email} required autoComplete="off" spellCheck={false} />
        <TextField name="full_name" label={words.fullName} maxLength={120} autoComplete="off" />
        <SelectField
          name="role"
          label={words.role}
          hint={words.roleHint}
          defaultValue={USER_ROLE}
          options={assignable(session, roles.data).map((name) => [name, name])}
        />
        <SelectField
          name="way"
          label={words.way}
          value={way}
          onChange={(event) => setWay(event.target.value)}
          options={[
            [INVITE, words.invite],
            [PASSWORD, words.withPassword],
          ]}
        />
        {way === INVITE ? (
          <TextField
            name="redirect_to"
            type="url"
            label={words.redirect}
            hint={words.redirectHint}
            autoComplete="off"
          />
        ) : (
          <>
            <PasswordField
              name="password"
              label={words.password}
              hint={words.passwordHint}
              required
              maxLength={128}
              autoComplete="new-password"
            />
            <CheckboxField name="email_verified" label={words.vouched} hint={words.vouchedHint} />
          </>
        )}
      </Form>
    </Dialog>
  );
}

/** Where the colleague logs in: neither the invitation nor a password tells it. */
function WayIn({ email, done, onClose }: { email: string; done: string; onClose: () => void }) {
  const { slug, client_name } = useSession().client;
  return (
    <Dialog title={done} onClose={onClose}>
      <div className="flex flex-col items-start gap-4">
        <p className="text-sm">{words.wayInLead(email, client_name)}</p>
        <Copyable value={loginAddress(slug)} />
        <Button look="primary" onClick={onClose}>
          {words.wayInDone}
        </Button>
      </div>
    </Dialog>
  );
}

function bodyOf({ email = "", role, full_name, password, redirect_to, email_verified }: Values) {
  return {
    email,
    ...(role && { role }),
    ...(full_name && { full_name }),
    ...(password && { password }),
    ...(redirect_to && { redirect_to }),
    ...(email_verified && { email_verified: true }),
  };
}
