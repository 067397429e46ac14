// How somebody becomes an operator, which no page can do.
import { Command } from "@/design/Command";
import { Section } from "@/design/Page";
import { texts } from "@/texts";

const words = texts.users;

/** Stands on the platform's own page of users in place of the buttons that add one. */
export function NewOperator() {
  return (
    <Section title={words.newOperator} lead={words.newOperatorLead}>
      <Command name={words.newOperatorWhere} says="operators create" />
    </Section>
  );
}
