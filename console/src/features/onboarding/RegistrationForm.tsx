// The form that registers a client and its first admin.
import { useState } from "react";
import { asProblem } from "@/api/problems";
import { proposedSlug } from "@/api/slugs";
import { TextLink } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Form, PasswordField, TextField } from "@/design/Form";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { isClosed, newRegistrar, type Registered } from "./registration";

const words = texts.onboarding.register;

/** `onClosed` is told when only operators register here. */
export function RegistrationForm({
  onRegistered,
  onClosed,
}: {
  onRegistered: (registered: Registered) => void;
  onClosed: () => void;
}) {
  const [register] = useState(newRegistrar);
  const [already, setAlready] = useState(false);

  async function send(values: Record<string, string>) {
    const { client_name = "", slug, full_name } = values;
    const admin = { email: values["admin.email"] ?? "", password: values["admin.password"] ?? "" };
    const wanted = { client_name, admin: full_name ? { ...admin, full_name } : admin };
    try {
      onRegistered(await register(slug ? { ...wanted, slug } : wanted));
    } catch (error) {
      const problem = asProblem(error);
      if (isClosed(problem)) onClosed();
      else if (problem.code === "already_created") setAlready(true);
      else throw problem;
    }
  }

  if (already) return <AlreadyRegistered />;
  return (
    <Page title={words.title} lead={words.lead}>
      <Form send={words.send} onSend={send}>
        <Naming />
        <fieldset className="flex flex-col gap-4 border-t border-line pt-4">
          <legend className="sr-only">{words.admin}</legend>
          <div>
            <h2 className="text-base font-semibold">{words.admin}</h2>
            <p className="text-sm text-quiet">{words.adminLead}</p>
          </div>
          <TextField name="full_name" label={words.fullName} maxLength={120} autoComplete="name" />
          <TextField name="admin.email" type="email" label={words.email} required autoComplete="username" />
          <PasswordField
            name="admin.password"
            label={words.password}
            hint={words.passwordHint}
            required
            maxLength={128}
            autoComplete="new-password"
          />
        </fieldset>
      </Form>
      <p className="border-t border-line pt-4 text-sm">
        {words.have} <TextLink to="/login">{words.logIn}</TextLink>
      </p>
    </Page>
  );
}

/** The client's name, and the short name that follows it until somebody writes another. */
function Naming() {
  const [slug, setSlug] = useState("");
  const [own, setOwn] = useState(false);
  return (
    <>
      <TextField
        name="client_name"
        label={words.name}
        hint={words.nameHint}
        required
        maxLength={120}
        autoComplete="organization"
        autoFocus
        onChange={(event) => own || setSlug(proposedSlug(event.target.value))}
      />
      <TextField
        name="slug"
        label={words.slug}
        hint={words.slugHint}
        value={slug}
        onChange={(event) => {
          setOwn(event.target.value !== "");
          setSlug(event.target.value);
        }}
        maxLength={63}
        pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
        title={words.slugForm}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
    </>
  );
}

function AlreadyRegistered() {
  const { title, text, logIn } = texts.onboarding.already;
  return (
    <Page title={title}>
      <Notice>{text}</Notice>
      <p>
        <TextLink to="/login">{logIn}</TextLink>
      </p>
    </Page>
  );
}
