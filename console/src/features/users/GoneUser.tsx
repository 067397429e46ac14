// What is left to say once a user is deleted.
import type { Schema } from "@/api/client";
import { ButtonLink } from "@/design/Button";
import { formatNumber } from "@/design/format";
import { Facts, Page, Section } from "@/design/Page";
import { texts } from "@/texts";

export type DeletedRows = Schema<"DeletedRows">;

const words = texts.users;

/** Takes the place of the user's page: how much of each kind went. */
export function GoneUser({ email, rows }: { email: string; rows: DeletedRows }) {
  return (
    <Page title={words.gone} lead={words.goneLead(email)} actions={<ButtonLink to="/users">{words.back}</ButtonLink>}>
      <Section title={words.goneWith}>
        <Facts
          facts={[
            [words.sessionsGone, formatNumber(rows.sessions)],
            [words.tokensGone, formatNumber(rows.tokens)],
            [words.keysGone, formatNumber(rows.keys)],
            [words.codesGone, formatNumber(rows.codes)],
            [words.factorsDeleted, formatNumber(rows.factors)],
          ]}
        />
      </Section>
    </Page>
  );
}
