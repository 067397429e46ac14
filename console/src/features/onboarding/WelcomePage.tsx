// The first steps of a client, for who has just come in: a key, a first user that the page watches for, and the way on.
import type { ReactNode } from "react";
import { Navigate } from "react-router";
import { may, useSession } from "@/api/session";
import { ButtonLink, TextLink } from "@/design/Button";
import { CodeBlock } from "@/design/Copy";
import { Page, Section } from "@/design/Page";
import { texts } from "@/texts";
import { FirstSignup } from "./FirstSignup";
import { FirstUser } from "./FirstUser";

const words = texts.onboarding.welcome;

/** The page of first steps. */
export function WelcomePage() {
  const session = useSession();
  const { client_id, client_name, is_platform } = session.client;
  if (is_platform) return <Navigate to="/" replace />; // nobody signs up there
  return (
    <Page title={words.title} lead={words.lead(client_name)}>
      <Section title={words.keyTitle} lead={words.keyText}>
        <div className="flex flex-col items-start gap-3">
          <div className="w-full">
            <CodeBlock name={words.keyCommand} code={`ROWLOCK_KEY=${texts.onboarding.example.keyPlaceholder}`} />
          </div>
          <ButtonLink small to="/keys">
            {words.keys}
          </ButtonLink>
        </div>
      </Section>
      <Section title={texts.onboarding.result.signupTitle} lead={texts.onboarding.result.signupLead}>
        <div className="flex flex-col gap-4">
          <FirstSignup clientId={client_id} accessKey="$ROWLOCK_KEY" />
          {may(session, "users:read") && <FirstUser />}
        </div>
      </Section>
      <Section title={words.nextTitle}>
        <ul className="flex flex-col gap-1.5 text-sm">
          {may(session, "admin") && <Way to="/settings">{words.next.settings}</Way>}
          {may(session, "roles:read") && <Way to="/roles">{words.next.roles}</Way>}
          <Way to="/keys">{words.next.keys}</Way>
          <li>
            <a href={`/docs/${client_id}`} className="text-accent underline underline-offset-2">
              {words.next.docs}
            </a>
          </li>
        </ul>
      </Section>
    </Page>
  );
}

function Way({ to, children }: { to: string; children: ReactNode }) {
  return (
    <li>
      <TextLink to={to}>{children}</TextLink>
    </li>
  );
}
