// One's e-mail address. A new one counts once the link mailed to it is opened.
import { useState } from "react";
import { api, call } from "@/api/client";
import { useSession } from "@/api/session";
import { Badge, Notice } from "@/design/Feedback";
import { Form, TextField } from "@/design/Form";
import { Facts, Section } from "@/design/Page";
import { texts } from "@/texts";
import { ConfirmationMail } from "./ConfirmationMail";

const words = texts.accounts.email;

/** The address, and a form for another. */
export function EmailSection() {
  const { client, user } = useSession();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const params = { path: { client_id: client.client_id } };
  return (
    <Section title={words.title}>
      <div className="flex max-w-xl flex-col gap-4">
        <Facts
          facts={[
            [
              words.now,
              <span key="now" className="flex flex-wrap items-center gap-2">
                {user.email}
                <Badge tone={user.email_verified ? "good" : "warning"}>
                  {user.email_verified ? words.verified : words.unverified}
                </Badge>
              </span>,
            ],
          ]}
        />
        {!user.email_verified && (
          <ConfirmationMail
            key={user.email}
            client={client.client_id}
            email={user.email}
            label={texts.accounts.confirmation.send}
          />
        )}
        {sentTo !== null && (
          <Notice title={words.sentTitle} alert>
            {words.sent(sentTo)}
          </Notice>
        )}
        <Form
          key={sentTo}
          send={words.send}
          look="secondary"
          onSend={async ({ email = "" }) => {
            await call(api.POST("/api/v1/{client_id}/me/email", { params, body: { email } }));
            setSentTo(email);
          }}
        >
          <TextField
            name="email"
            type="email"
            label={words.fresh}
            hint={words.freshHint}
            required
            autoComplete="email"
          />
        </Form>
      </div>
    </Section>
  );
}
