// What stands above the figures while they say little: the way to the first steps; for operators, what this client is.
import { useSession } from "@/api/session";
import { ButtonLink, TextLink } from "@/design/Button";
import { Section } from "@/design/Page";
import { texts } from "@/texts";

const words = texts.statistics.beginning;

/** Leads a client in which nobody but its first admin is to its first steps. */
export function Beginning() {
  return (
    <Section title={texts.onboarding.welcome.title} lead={words.lead}>
      <ButtonLink small look="primary" to="/welcome">
        {words.toSteps}
      </ButtonLink>
    </Section>
  );
}

/** Tells operators that the figures are those of their own client, and where those of all others are. */
export function OfOperators() {
  const { is_operator } = useSession();
  return (
    <Section title={words.platform} lead={words.platformLead}>
      <ul className="flex flex-col gap-1.5 text-sm">
        {is_operator && (
          <>
            <li>
              <TextLink to="/clients">{words.toClients}</TextLink>
            </li>
            <li>
              <TextLink to="/statistics">{words.toStatistics}</TextLink>
            </li>
          </>
        )}
        <li>
          <TextLink to="/users">{words.toOperators}</TextLink>
        </li>
      </ul>
    </Section>
  );
}
