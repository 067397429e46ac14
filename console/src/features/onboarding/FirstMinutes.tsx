// What follows a registration: the access key, shown once; a first sign-up; and the way into the console.
import { useState } from "react";
import { SecretOnce } from "@/design/Copy";
import { Facts, Page, Section } from "@/design/Page";
import { texts } from "@/texts";
import { FirstSignup } from "./FirstSignup";
import { IntoConsole } from "./IntoConsole";
import type { Registered } from "./registration";

const words = texts.onboarding.result;

/** The first minutes of a client. Until its key is copied or said to be stored, leaving the page asks. */
export function FirstMinutes({ registered }: { registered: Registered }) {
  const { client } = registered;
  const [kept, setKept] = useState(false);
  return (
    <Page title={words.title(client.client_name)} lead={words.lead}>
      <Facts
        facts={[
          [words.slug, <code key="slug">{client.slug}</code>],
          [words.clientId, <code key="id">{client.client_id}</code>],
          [words.tier, client.tier],
        ]}
      />
      <Section plain title={words.storeTitle}>
        <SecretOnce title={words.key} secret={client.access_key} kept={kept}>
          {words.keyWarning}
        </SecretOnce>
      </Section>
      <Section plain title={words.signupTitle} lead={words.signupLead}>
        <FirstSignup clientId={client.client_id} accessKey={client.access_key} />
      </Section>
      <Section plain title={words.logInTitle} lead={words.logInText}>
        <IntoConsole registered={registered} onStored={setKept} />
      </Section>
    </Page>
  );
}
