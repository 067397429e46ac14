// From the registration into the console: one press, with the password just typed.
import { useNavigate } from "react-router";
import { api, call } from "@/api/client";
import { useSessionState } from "@/api/session";
import { CheckboxField, Form } from "@/design/Form";
import { texts } from "@/texts";
import type { Registered } from "./registration";

const words = texts.onboarding.result;

/**
 * The way on, once the key is said to be stored: into the console as the new admin; an operator, who stays who it is,
 * goes to the client's page.
 */
export function IntoConsole({
  registered: { client, admin },
  onStored,
}: {
  registered: Registered;
  onStored: (stored: boolean) => void;
}) {
  const { session, enter } = useSessionState();
  const navigate = useNavigate();
  const operates = session?.is_operator === true;

  async function goOn() {
    if (operates) return navigate(`/clients/${client.client_id}`);
    try {
      const { email, password } = admin;
      enter(await call(api.POST("/api/v1/console/session", { body: { client: client.slug, email, password } })));
      await navigate("/welcome");
    } catch {
      await navigate(`/login?client=${client.slug}`); // which tells what the login still wants
    }
  }

  return (
    <Form
      send={operates ? words.openClient : words.open}
      onSend={goOn}
      actions={
        <a
          href={client.documentation_url}
          target="_blank"
          rel="noreferrer"
          className="text-sm text-accent underline underline-offset-2"
        >
          {words.docs}
        </a>
      }
    >
      <CheckboxField name="stored" label={words.stored} required onChange={(event) => onStored(event.target.checked)} />
    </Form>
  );
}
