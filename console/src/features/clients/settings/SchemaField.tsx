// The JSON Schema of custom fields, as text.
import { Button } from "@/design/Button";
import { TextArea } from "@/design/Form";
import { texts } from "@/texts";
import type { Control } from "./FieldControl";

const words = texts.settings;
const EXAMPLE = {
  type: "object",
  properties: {
    department: { type: "string", maxLength: 60 },
    employee_number: { type: "string", pattern: "^[A-Z]{2}-\\d{4,6}$" },
    newsletter: { type: "boolean" },
  },
  required: ["department"],
  additionalProperties: false,
};

/** The schema, with an example to begin with and what it may hold. */
export function SchemaField({ path, draft, onDraft }: Control) {
  const { label, does, bounds } = words.fields.custom_fields_schema;
  return (
    <div className="flex flex-col gap-2">
      <TextArea
        label={label}
        hint={`${does} ${bounds}`}
        name={path}
        value={draft}
        onChange={(event) => onDraft(event.target.value)}
        rows={14}
        spellCheck={false}
        autoCapitalize="none"
        className="font-mono text-sm"
      />
      {draft.trim() === "" && (
        <div>
          <Button small onClick={() => onDraft(JSON.stringify(EXAMPLE, null, 2))}>
            {words.schema.example}
          </Button>
        </div>
      )}
      <details className="text-sm">
        <summary>{words.schema.rulesTitle}</summary>
        <ul className="mt-1 flex list-disc flex-col gap-1 pl-5 text-quiet">
          {words.schema.rules.map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      </details>
    </div>
  );
}
