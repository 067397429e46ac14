// What is shown where only operators register clients.
import { useSessionState } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Page } from "@/design/Page";
import { texts } from "@/texts";

const words = texts.onboarding.closed;

/** Says whom to ask. */
export function ClosedRegistration() {
  const { session } = useSessionState();
  return (
    <Page title={words.title}>
      <p className="text-sm">{words.text}</p>
      {!session && (
        <p className="text-sm">
          {words.operator} <TextLink to="/login?next=/register">{words.logIn}</TextLink>
        </p>
      )}
    </Page>
  );
}
