// The value of a setting as people read it.
import { CodeBlock } from "@/design/Copy";
import { formatDuration } from "@/design/format";
import { texts } from "@/texts";
import { PLAIN } from "./contrast";
import type { Field } from "./groups";
import type { Value } from "./values";

const words = texts.settings;

/** The value in force of a field. */
export function ValueView({ field, value }: { field: Field; value: Value }) {
  if (Array.isArray(value))
    return field.kind === "lines" && field.code ? <Addresses value={value} /> : <Words value={value} />;
  if (field.kind === "colour") return <Colour value={typeof value === "string" ? value : null} />;
  if (value === null || value === "") return <>{field.kind === "line" ? words.unknownName : words.none}</>;
  if (typeof value === "object") return <SchemaText value={value} />;
  if (field.kind === "span") return <>{formatDuration(Number(value))}</>;
  if (field.kind === "number") return <>{words.characters(Number(value))}</>;
  return <>{field.kind === "choice" ? (field.choices[value] ?? value) : value}</>;
}

function Addresses({ value }: { value: string[] }) {
  if (value.length === 0) return <>{words.none}</>;
  return (
    <ul className="flex flex-col gap-1">
      {value.map((line) => (
        <li key={line} className="font-mono break-all">
          {line}
        </li>
      ))}
    </ul>
  );
}

function Words({ value }: { value: string[] }) {
  if (value.length === 0) return <>{words.none}</>;
  return (
    <details>
      <summary aria-label={`${words.words(value.length)}: ${words.showWords}`}>{words.words(value.length)}</summary>
      <p className="mt-1 font-normal">{value.join(", ")}</p>
    </details>
  );
}

function Colour({ value }: { value: string | null }) {
  return (
    <span className="inline-flex items-center gap-2">
      <span
        aria-hidden="true"
        className="inline-block size-5 shrink-0 rounded border border-edge"
        style={{ backgroundColor: value ?? PLAIN }}
      />
      {value === null ? words.colour.noneChosen(PLAIN) : <code className="font-mono">{value}</code>}
    </span>
  );
}

function SchemaText({ value }: { value: Record<string, unknown> }) {
  const properties = value.properties;
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return (
    <div className="font-normal">
      <p>
        <span className="font-semibold">{words.schema.named(names.length)}</span>
        {names.length > 0 && <span className="font-mono">: {names.join(", ")}</span>}
      </p>
      <details className="mt-1">
        <summary>{words.schema.show}</summary>
        <div className="mt-2">
          <CodeBlock name={words.fields.custom_fields_schema.label} code={JSON.stringify(value, null, 2)} />
        </div>
      </details>
    </div>
  );
}
