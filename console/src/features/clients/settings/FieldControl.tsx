// The field for a setting, by the kind of its value.
import { type ChangeEvent, useState } from "react";
import { classes } from "@/design/classes";
import { INPUT, SelectField, TextArea, TextField } from "@/design/Form";
import { texts } from "@/texts";
import { ColourField } from "./ColourField";
import type { Field } from "./groups";
import { SchemaField } from "./SchemaField";
import { lengthOf, type Unit, unitOf, unitsUpTo } from "./spans";
import { linesOf } from "./values";

const words = texts.settings;

export interface Control {
  field: Field;
  path: string;
  draft: string;
  onDraft: (draft: string) => void;
}

/** The field of a setting, with what it does and what it may be. */
export function FieldControl({ field, path, draft, onDraft }: Control) {
  const { label, does, bounds } = words.fields[field.name];
  const common = {
    label,
    name: path,
    hint: `${does} ${bounds}`,
    value: draft,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
      onDraft(event.target.value),
  };
  switch (field.kind) {
    case "line":
      return (
        <TextField
          {...common}
          type={field.email ? "email" : "text"}
          required={field.required}
          maxLength={field.most}
          {...(field.pattern ? { pattern: field.pattern, title: bounds } : {})}
          autoComplete="off"
        />
      );
    case "number":
      return (
        <TextField
          {...common}
          type="number"
          required
          min={field.least}
          max={field.most}
          inputMode="numeric"
          className="max-w-40"
        />
      );
    case "span":
      return <SpanField {...{ field, path, draft, onDraft }} least={field.least} most={field.most} />;
    case "choice":
      return <SelectField {...common} options={Object.entries(field.choices)} />;
    case "lines":
      return (
        <TextArea
          {...common}
          hint={`${common.hint} ${words.perLine}`}
          rows={5}
          className={field.code ? "font-mono text-sm" : undefined}
          onBlur={() => onDraft(linesOf(draft).join("\n"))}
          spellCheck={false}
          autoCapitalize="none"
        />
      );
    case "colour":
      return <ColourField {...{ field, path, draft, onDraft }} />;
    case "schema":
      return <SchemaField {...{ field, path, draft, onDraft }} />;
  }
}

/** A span of time: a number and its unit; the draft is in seconds. */
function SpanField({ field, path, draft, onDraft, least, most }: Control & { least: number; most: number }) {
  const { label, does, bounds } = words.fields[field.name];
  const [unit, setUnit] = useState<Unit>(() => unitOf(Number(draft)));
  const length = lengthOf(unit);
  const amount = draft === "" ? "" : (Number(draft) / length).toString();
  const seconds = (text: string, of: number) => (text === "" ? "" : (Number(text) * of).toString());
  return (
    <TextField
      label={label}
      hint={`${does} ${bounds}`}
      name={path}
      type="number"
      required
      min={Math.ceil(least / length)}
      max={Math.floor(most / length)}
      inputMode="numeric"
      value={amount}
      onChange={(event) => onDraft(seconds(event.target.value, length))}
      className="max-w-40"
      beside={
        <select
          aria-label={words.unitOf(label)}
          value={unit}
          onChange={(event) => {
            const chosen = event.target.value as Unit;
            setUnit(chosen);
            onDraft(seconds(amount, lengthOf(chosen)));
          }}
          className={classes(INPUT, "max-w-40")}
        >
          {unitsUpTo(most).map((one) => (
            <option key={one} value={one}>
              {words.units[one]}
            </option>
          ))}
        </select>
      }
    />
  );
}
