// What a person says of itself.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { changedProfile } from "@/api/profile";
import { useSession, useSessionState } from "@/api/session";
import { Form, TextField, type Values } from "@/design/Form";
import { Facts, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.accounts.profile;

/** The profile, to read and to change. */
export function ProfileSection() {
  const session = useSession();
  const { renew } = useSessionState();
  const queries = useQueryClient();
  const tell = useToast();
  const { user } = session;
  const [opened, setOpened] = useState(user);
  const clientId = session.client.client_id;

  async function save(values: Values) {
    const body = changedProfile(opened, values);
    if (Object.keys(body).length > 0) {
      const params = { path: { client_id: clientId } };
      const changed = await call(api.PATCH("/api/v1/{client_id}/me", { params, body }));
      setOpened(changed);
      renew((present) => ({ ...present, user: changed }));
      void queries.invalidateQueries({ queryKey: ["users", clientId] });
    }
    tell(texts.common.saved);
  }

  return (
    <Section title={words.title}>
      <div className="flex max-w-xl flex-col gap-4">
        <Facts
          facts={[
            [words.role, user.role],
            [words.since, <Time key="since" at={user.created_at} exact />],
          ]}
        />
        <Form send={texts.common.save} onSend={save}>
          <TextField
            name="full_name"
            label={words.fullName}
            defaultValue={opened.full_name ?? ""}
            maxLength={120}
            autoComplete="name"
          />
          <TextField
            name="username"
            label={words.username}
            hint={words.usernameHint}
            defaultValue={opened.username ?? ""}
            maxLength={32}
            autoComplete="nickname"
            autoCapitalize="none"
            spellCheck={false}
          />
          <TextField
            name="avatar_url"
            type="url"
            label={words.avatar}
            hint={words.avatarHint}
            defaultValue={opened.avatar_url ?? ""}
            maxLength={2048}
            autoComplete="photo"
          />
        </Form>
      </div>
    </Section>
  );
}
