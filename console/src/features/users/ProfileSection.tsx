// Who a user is, and changing it.
import { useState } from "react";
import type { Schema } from "@/api/client";
import { changedProfile } from "@/api/profile";
import { assignable, OPERATOR_ROLE, useRoles } from "@/api/roles";
import { useSession } from "@/api/session";
import { Button } from "@/design/Button";
import { CopyableId } from "@/design/Copy";
import { Dialog } from "@/design/Dialog";
import { Form, SelectField, TextField, type Values } from "@/design/Form";
import { Facts, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { useChangeUser } from "./useChangeUser";

type User = Schema<"UserView">;

const words = texts.users;

/** The facts, with a button to change them for whoever may. */
export function ProfileSection({ user, writes }: { user: User; writes: boolean }) {
  const [changing, setChanging] = useState(false);
  return (
    <Section
      title={words.profile}
      actions={
        writes && (
          <Button small onClick={() => setChanging(true)}>
            {words.changeProfile}
          </Button>
        )
      }
    >
      <Facts
        facts={[
          [words.userId, <CopyableId key="id" id={user.user_id} />],
          [words.fullName, user.full_name],
          [words.username, user.username],
          [words.avatar, user.avatar_url],
          [words.role, user.role],
          [
            words.lastLogin,
            user.last_login_at ? <Time key="login" at={user.last_login_at} exact /> : texts.common.never,
          ],
          [words.created, <Time key="created" at={user.created_at} exact />],
          [words.updated, <Time key="updated" at={user.updated_at} exact />],
        ]}
      />
      {changing && <ProfileDialog user={user} onClose={() => setChanging(false)} />}
    </Section>
  );
}

function ProfileDialog({ user: opened, onClose }: { user: User; onClose: () => void }) {
  const [user] = useState(opened);
  const change = useChangeUser(user.user_id);
  const tell = useToast();

  async function send({ role, ...profile }: Values) {
    const changed = { ...changedProfile(user, profile), ...(role && role !== user.role && { role }) };
    if (Object.keys(changed).length > 0) {
      await change(changed);
      tell(texts.common.saved);
    }
    onClose();
  }

  return (
    <Dialog title={words.changeProfile} onClose={onClose}>
      <Form send={texts.common.save} onSend={send} actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}>
        <p className="text-sm text-quiet">{words.emailFixed}</p>
        <TextField
          name="full_name"
          label={words.fullName}
          defaultValue={user.full_name ?? ""}
          maxLength={120}
          autoComplete="off"
        />
        <TextField
          name="username"
          label={words.username}
          defaultValue={user.username ?? ""}
          maxLength={32}
          autoComplete="off"
          spellCheck={false}
        />
        <TextField
          name="avatar_url"
          type="url"
          label={words.avatar}
          defaultValue={user.avatar_url ?? ""}
          autoComplete="off"
        />
        <RoleField user={user} />
      </Form>
    </Dialog>
  );
}

function RoleField({ user }: { user: User }) {
  const session = useSession();
  const roles = useRoles();
  if (user.role === OPERATOR_ROLE) return <p className="text-sm text-quiet">{words.operatorRole}</p>;
  const names = assignable(session, roles.data);
  if (!names.includes(user.role)) names.push(user.role);
  return (
    <SelectField
      name="role"
      label={words.role}
      hint={`${words.roleHint} ${words.roleEndsSessions}`}
      defaultValue={user.role}
      options={names.map((name) => [name, name])}
    />
  );
}
