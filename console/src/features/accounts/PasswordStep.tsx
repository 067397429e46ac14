// The first step of a login: client, e-mail address and password; or a passkey instead.
import { useRef, useState } from "react";
import { type Session, useSessionState } from "@/api/session";
import { Button, TextLink } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Form, PasswordField, TextField } from "@/design/Form";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { logInByPasskey, type Proof } from "./login";
import { Or } from "./Or";
import { PasskeyButton } from "./PasskeyButton";
import { hasPasskeys } from "./passkeys";

const words = texts.accounts.login;

/** Asks for the password. `onProof` may throw an ApiProblem. */
export function PasswordStep({
  client,
  email,
  onProof,
  onEntered,
  onForgotten,
}: {
  client: string;
  email: string;
  onProof: (proof: Proof) => Promise<void>;
  onEntered: (session: Session) => void;
  onForgotten: (client: string, email: string) => void;
}) {
  const { ended } = useSessionState();
  const clientField = useRef<HTMLInputElement>(null);
  const [tries, setTries] = useState(0);
  const emailField = useRef<HTMLInputElement>(null);

  async function enterByPasskey() {
    const field = clientField.current;
    if (field?.reportValidity()) onEntered(await logInByPasskey(field.value.trim()));
  }

  return (
    <Page title={words.title} lead={words.lead}>
      {ended && <Notice tone="info" title={ended === "factor" ? words.factorAsked : words.ended} />}
      <Form
        send={words.send}
        onSend={({ client = "", email = "", password = "" }) => {
          setTries(tries + 1); // what was said of a passkey is no longer to the point
          return onProof({ client: client.trim(), email, password });
        }}
        actions={
          <Button
            look="quiet"
            className="-ml-4"
            onClick={() => onForgotten(clientField.current?.value ?? "", emailField.current?.value ?? "")}
          >
            {words.forgotten}
          </Button>
        }
      >
        <TextField
          ref={clientField}
          name="client"
          label={words.client}
          hint={words.clientHint}
          defaultValue={client}
          required
          autoFocus={client === ""}
          autoComplete="organization"
          autoCapitalize="none"
          spellCheck={false}
        />
        <TextField
          ref={emailField}
          name="email"
          type="email"
          label={words.email}
          defaultValue={email}
          required
          autoFocus={client !== "" && email === ""}
          autoComplete="username"
        />
        <PasswordField name="password" label={words.password} required autoComplete="current-password" />
      </Form>
      {hasPasskeys() && (
        <>
          <Or />
          <PasskeyButton key={tries} label={words.withPasskey} onPress={enterByPasskey} />
        </>
      )}
      <p className="border-t border-line pt-4 text-sm">
        {words.registerLead} <TextLink to="/register">{words.register}</TextLink>
      </p>
    </Page>
  );
}
