// Adding one user: by an invitation, or with a password.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { assignable, USER_ROLE, useRoles } from "@/api/roles";
import { useClientId, useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { CheckboxField, Form, PasswordField, SelectField, TextField, type Values } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.users;
const INVITE = "invite";
const PASSWORD = "password";

/** The dialog; it closes once the user is made. */
export function AddUserDialog({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const clientId = useClientId();
  const roles = useRoles();
  const queries = useQueryClient();
  const tell = useToast();
  const [way, setWay] = useState(INVITE);

  async function send(values: Values) {
    const made = await call(
      api.POST("/api/v1/{client_id}/users", { params: { path: { client_id: clientId } }, body: bodyOf(values) }),
    );
    await queries.invalidateQueries({ queryKey: ["users", clientId] });
    tell(way === INVITE ? words.wasInvited(made.email) : words.wasAdded(made.email));
    onClose();
  }

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
