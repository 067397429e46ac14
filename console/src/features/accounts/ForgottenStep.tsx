// A forgotten password: a link by mail sets a new one. The answer is the same for an address that nobody has.
import { useState } from "react";
import { Button } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Form, TextField } from "@/design/Form";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { mailNewPassword } from "./login";

const words = texts.accounts.forgotten;

/** Asks for whom the link is. */
export function ForgottenStep({ client, email, onRestart }: { client: string; email: string; onRestart: () => void }) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const back = (
    <Button look="quiet" onClick={onRestart}>
      {texts.accounts.login.back}
    </Button>
  );
  if (sentTo !== null) {
    return (
      <Page key="sent" title={words.sentTitle}>
        <Notice>{words.sent(sentTo)}</Notice>
        <div className="-ml-4">{back}</div>
      </Page>
    );
  }
  return (
    <Page title={words.title} lead={words.lead}>
      <Form
        send={words.send}
        actions={back}
        onSend={async ({ client = "", email = "" }) => {
          await mailNewPassword(client, email);
          setSentTo(email);
        }}
      >
        <TextField
          name="client"
          label={texts.accounts.login.client}
          hint={texts.accounts.login.clientHint}
          defaultValue={client}
          required
          autoComplete="organization"
          autoCapitalize="none"
          spellCheck={false}
        />
        <TextField
          name="email"
          type="email"
          label={texts.accounts.login.email}
          defaultValue={email}
          required
          autoComplete="username"
        />
      </Form>
    </Page>
  );
}
