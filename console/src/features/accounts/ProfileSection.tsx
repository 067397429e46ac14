// What a person says of itself.
import { api, call } from "@/api/client";
import { useSession, useSessionState } from "@/api/session";
import { Form, TextField } from "@/design/Form";
import { Facts, Section } from "@/design/Page";
import { Time } from "@/design/Time";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.accounts.profile;

/** The profile, to read and to change. */
export function ProfileSection() {
  const session = useSession();
  const { renew } = useSessionState();
  const tell = useToast();
  const { user } = session;
  const params = { path: { client_id: session.client.client_id } };
  return (
    <Section title={words.title}>
      <div className="flex max-w-xl flex-col gap-4">
        <Facts
          facts={[
            [words.role, user.role],
            [words.since, <Time key="since" at={user.created_at} exact />],
          ]}
        />
        <Form
          send={texts.common.save}
          onSend={async ({ full_name = null, username = null, avatar_url = null }) => {
            const body = { full_name, username, avatar_url };
            const changed = await call(api.PATCH("/api/v1/{client_id}/me", { params, body }));
            renew({ ...session, user: changed });
            tell(texts.common.saved);
          }}
        >
          <TextField
            name="full_name"
            label={words.fullName}
            defaultValue={user.full_name ?? ""}
            maxLength={120}
            autoComplete="name"
          />
          <TextField
            name="username"
            label={words.username}
            hint={words.usernameHint}
            defaultValue={user.username ?? ""}
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
            defaultValue={user.avatar_url ?? ""}
            maxLength={2048}
            autoComplete="photo"
          />
        </Form>
      </div>
    </Section>
  );
}
