// Changing one's password.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import { ownKey } from "@/api/factors";
import { useClientId } from "@/api/session";
import { Form, PasswordField } from "@/design/Form";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.accounts.password;

/** A form that is empty again once the password is changed. */
export function PasswordSection() {
  const clientId = useClientId();
  const queries = useQueryClient();
  const tell = useToast();
  const [changes, setChanges] = useState(0);
  const params = { path: { client_id: clientId } };
  return (
    <Section title={words.title} lead={words.lead}>
      <div className="max-w-xl">
        <Form
          key={changes}
          send={words.send}
          look="secondary"
          onSend={async ({ current_password = "", new_password = "" }) => {
            const body = { current_password, new_password };
            await call(api.POST("/api/v1/{client_id}/me/password", { params, body }));
            setChanges(changes + 1);
            tell(words.done);
            await queries.invalidateQueries({ queryKey: ownKey(clientId) });
          }}
        >
          <PasswordField
            name="current_password"
            label={words.current}
            required
            maxLength={128}
            autoComplete="current-password"
          />
          <PasswordField
            name="new_password"
            label={words.fresh}
            hint={words.freshHint}
            required
            maxLength={128}
            autoComplete="new-password"
          />
        </Form>
      </div>
    </Section>
  );
}
