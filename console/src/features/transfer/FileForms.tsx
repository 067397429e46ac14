// How a file of users must look.
import { CodeBlock } from "@/design/Copy";
import { Facts, Section } from "@/design/Page";
import { texts } from "@/texts";

const words = texts.transfer.users;
const HASH = "$2b$10$37981/yjeP87uugvOk1vG.uWt70JoHVTwsLKBKD3J0h8otL1To80W";
const CSV = [
  "email,email_verified,password_hash,custom_fields",
  `ada@example.com,true,${HASH},`,
  'grace@example.com,false,,"{""team"": ""blue""}"',
].join("\n");
const NDJSON = [
  JSON.stringify({ email: "ada@example.com", email_verified: true, password_hash: HASH }),
  JSON.stringify({ email: "grace@example.com", custom_fields: { team: "blue" } }),
].join("\n");

/** The fields, and an example of both forms. */
export function FileForms() {
  return (
    <Section title={words.forms} lead={words.formsLead}>
      <div className="flex flex-col gap-4">
        <CodeBlock name={words.csv} code={CSV} />
        <CodeBlock name={words.ndjson} code={NDJSON} />
        <Facts facts={words.fields} />
      </div>
    </Section>
  );
}
