// Scopes: chosen one by one with what each means, or shown.
import { useContext, useId, useState } from "react";
import { OFFERED_SCOPES } from "@/api/scopes";
import { texts } from "@/texts";
import { FieldErrors, saidOf } from "./fieldErrors";

const words = texts.scopes;
const meanings: Record<string, string> = words.meanings;
const GROUPS = Object.entries(OFFERED_SCOPES) as [name: keyof typeof OFFERED_SCOPES, scopes: string[]][];
const KNOWN = GROUPS.flatMap(([, scopes]) => scopes);

/**
 * Choose scopes: the known ones by ticking, words of one's own in a line of text. `offered` says which of the known
 * ones can be chosen; those that are chosen already stay in sight. What is wrong with them is told at that line.
 */
export function ScopesField({
  name,
  label,
  labelled = false,
  chosen,
  onChoose,
  offered = () => true,
}: {
  /** What the service calls them. */
  name: string;
  label: string;
  /** A heading right above says the same already: the label is only read out. */
  labelled?: boolean;
  chosen: string[];
  onChoose: (scopes: string[]) => void;
  offered?: (scope: string) => boolean;
}) {
  const id = useId();
  const [text, setText] = useState(() => chosen.filter((scope) => !KNOWN.includes(scope)).join(" "));
  const wrong = saidOf(useContext(FieldErrors), name);
  const known = chosen.filter((scope) => KNOWN.includes(scope));

  function tick(scope: string, on: boolean) {
    onChoose([...(on ? [...known, scope] : known.filter((one) => one !== scope)), ...split(text)]);
  }
  function type(after: string) {
    setText(after);
    onChoose([...known, ...split(after)]);
  }

  return (
    <fieldset className="@container flex flex-col gap-4">
      <legend className={labelled ? "sr-only" : "mb-2 text-sm font-medium"}>{label}</legend>
      <div className="gap-8 @3xl:columns-2">
        {GROUPS.map(([group, scopes]) => (
          <Group
            key={group}
            name={words[group]}
            scopes={scopes.filter((scope) => offered(scope) || chosen.includes(scope))}
            chosen={known}
            onTick={tick}
          />
        ))}
      </div>
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="text-sm font-medium">
          {words.words} <span className="font-normal text-quiet">{texts.common.optional}</span>
        </label>
        <input
          id={id}
          name={name}
          type="text"
          value={text}
          onChange={(event) => type(event.target.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby={`${id}-hint${wrong.length > 0 ? ` ${id}-error` : ""}`}
          aria-invalid={wrong.length > 0 || undefined}
          className="min-h-10 w-full rounded-lg border border-edge bg-surface px-3 py-1.5 font-mono text-sm text-ink aria-invalid:border-danger"
        />
        <p id={`${id}-hint`} className="text-sm text-quiet">
          {words.wordsHint}
        </p>
        {wrong.length > 0 && (
          <p id={`${id}-error`} className="text-sm font-medium text-danger">
            {wrong.join(" ")}
          </p>
        )}
      </div>
    </fieldset>
  );
}

function Group({
  name,
  scopes,
  chosen,
  onTick,
}: {
  name: string;
  scopes: string[];
  chosen: string[];
  onTick: (scope: string, on: boolean) => void;
}) {
  const id = useId();
  if (scopes.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset within a fieldset is read out twice
    <div role="group" aria-labelledby={id} className="flex break-inside-avoid flex-col gap-2 pb-4">
      <p id={id} className="text-xs font-semibold text-quiet">
        {name}
      </p>
      {scopes.map((scope) => (
        <label key={scope} className="flex gap-3 text-sm">
          <input
            type="checkbox"
            checked={chosen.includes(scope)}
            onChange={(event) => onTick(scope, event.target.checked)}
            className="mt-1 size-4 shrink-0 accent-accent"
          />
          <span>
            <code className="font-mono font-semibold">{scope}</code>
            <span className="block text-quiet">{meanings[scope]}</span>
          </span>
        </label>
      ))}
    </div>
  );
}

/** The scopes held, each with what it means. */
export function ScopeMeanings({ scopes }: { scopes: string[] }) {
  if (scopes.length === 0) return <p className="text-sm text-quiet">{words.none}</p>;
  return (
    <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[max-content_1fr]">
      {inOrder(scopes).map((scope) => (
        <div key={scope} className="contents">
          <dt>
            <code className="font-mono font-semibold">{scope}</code>
          </dt>
          <dd className="mb-1 text-quiet sm:mb-0">{meanings[scope] ?? words.ownWord}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The known scopes in the order in which they are offered, then the client's own words. */
function inOrder(scopes: string[]): string[] {
  return [...KNOWN.filter((scope) => scopes.includes(scope)), ...scopes.filter((scope) => !KNOWN.includes(scope))];
}

function split(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}
