// The first step of a login: client, e-mail address and password; or a passkey instead.
import { type RefObject, useRef, useState } from "react";
import { asProblem } from "@/api/problems";
import { type Session, useSessionState } from "@/api/session";
import { Button, TextLink } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Form, PasswordField, TextField } from "@/design/Form";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { ConfirmationMail } from "./ConfirmationMail";
import { logInByPasskey, type Proof } from "./login";
import { Or } from "./Or";
import { PasskeyButton } from "./PasskeyButton";
import { hasPasskeys } from "./passkeys";
import { useOneWay } from "./useOneWay";

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
  const [unconfirmed, setUnconfirmed] = useState<Proof | null>(null);
  const [underway, go] = useOneWay();

  async function enterByPasskey() {
    const field = clientField.current;
    if (field?.reportValidity()) await go("passkey", async () => onEntered(await logInByPasskey(field.value)));
  }
  async function enter(proof: Proof) {
    setTries(tries + 1); // what was said of a passkey is no longer to the point
    setUnconfirmed(null);
    try {
      await go("form", () => onProof(proof));
    } catch (error) {
      if (asProblem(error).code === "email_not_verified") setUnconfirmed(proof);
      throw error;
    }
  }

  return (
    <Page title={words.title} lead={words.lead}>
      {ended && <Notice tone="info" title={ended === "factor" ? words.factorAsked : words.ended} />}
      <fieldset disabled={underway === "passkey"} className="min-w-0">
        <PasswordForm
          client={client}
          email={email}
          clientField={clientField}
          onSend={enter}
          onForgotten={onForgotten}
        />
      </fieldset>
      {unconfirmed && (
        <ConfirmationMail
          client={unconfirmed.client}
          email={unconfirmed.email}
          label={texts.accounts.confirmation.again}
        />
      )}
      {hasPasskeys() && (
        <>
          <Or />
          <PasskeyButton
            key={tries}
            label={words.withPasskey}
            disabled={underway === "form"}
            onPress={enterByPasskey}
          />
        </>
      )}
      <p className="border-t border-line pt-4 text-sm">
        {words.registerLead} <TextLink to="/register">{words.register}</TextLink>
      </p>
    </Page>
  );
}

/** Client, e-mail address and password; what is known of them already stands there. */
function PasswordForm({
  client,
  email,
  clientField,
  onSend,
  onForgotten,
}: {
  client: string;
  email: string;
  clientField: RefObject<HTMLInputElement | null>;
  onSend: (proof: Proof) => Promise<void>;
  onForgotten: (client: string, email: string) => void;
}) {
  const emailField = useRef<HTMLInputElement>(null);
  const forgotten = () => onForgotten(clientField.current?.value ?? "", emailField.current?.value ?? "");
  return (
    <Form
      send={words.send}
      onSend={({ client = "", email = "", password = "" }) => onSend({ client, email, password })}
      actions={
        <Button look="quiet" className="-ml-4" onClick={forgotten}>
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
  );
}
