// The API keys of one user, on that user's page.
import { api, call } from "@/api/client";
import { useList } from "@/api/lists";
import { useClientId } from "@/api/session";
import { Loaded } from "@/design/Loaded";
import { Section } from "@/design/Page";
import { type Column, More, Table } from "@/design/Table";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { KeyEnd, KeyMask, KeyState } from "./KeyState";
import { type Key, stateOf } from "./keys";

const words = texts.keys;
const COLUMNS: Column<Key>[] = [
  { name: words.name, show: (key) => key.name },
  { name: words.state, show: (key) => <KeyState state={stateOf(key)} /> },
  { name: words.key, show: (key) => <KeyMask of={key} /> },
  { name: words.lastUsed, show: (key) => (key.last_used_at ? <Time at={key.last_used_at} /> : texts.common.never) },
  { name: words.expires, show: (key) => <KeyEnd of={key} /> },
];

/** The keys that act as the user, newest first; for whoever may see all keys of the client. */
export function UserKeys({ userId }: { userId: string }) {
  const clientId = useClientId();
  const list = useList(["keys", clientId, "user", userId], (cursor, signal) => {
    const query = { user_id: userId, ...(cursor && { cursor }) };
    return call(api.GET("/api/v1/{client_id}/keys", { params: { path: { client_id: clientId }, query }, signal }));
  });
  return (
    <Section title={texts.users.apiKeys} lead={texts.users.apiKeysLead}>
      <Loaded query={list} lines={2}>
        {(keys) =>
          keys.length > 0 ? (
            <Table
              caption={texts.users.apiKeys}
              columns={COLUMNS}
              rows={keys}
              rowKey={(key) => key.key_id}
              to={(key) => `/keys/${key.key_id}`}
            />
          ) : (
            <p className="text-sm text-quiet">{texts.users.noApiKeys}</p>
          )
        }
      </Loaded>
      <More list={list} />
    </Section>
  );
}
