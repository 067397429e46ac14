// How somebody becomes an operator, which no page can do.
import { CodeBlock } from "@/design/Copy";
import { Section } from "@/design/Page";
import { texts } from "@/texts";

const words = texts.users;

/** Stands on the platform's own page of users in place of the buttons that add one. */
export function NewOperator() {
  return (
    <Section title={words.newOperator} lead={words.newOperatorLead}>
      <CodeBlock name={words.newOperatorWhere} code="flask operators create" />
    </Section>
  );
}
