// What stands above a list: a search that follows one's typing, and filters.
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { texts } from "@/texts";
import { localMoment, momentOf } from "./format";

const TYPING_MS = 120;
const FIELD =
  "min-h-10 w-full rounded-lg border border-edge bg-surface px-3 py-1.5 text-sm text-ink placeholder:text-quiet";

/** The row of filters above a list; on a phone they stand in two columns. `many`: rows of three, as wide as the page. */
export function Filters({ name, many = false, children }: { name: string; many?: boolean; children: ReactNode }) {
  const wide = many ? "lg:grid-cols-3 lg:*:w-full!" : "lg:flex lg:flex-wrap";
  return (
    <search aria-label={name} className={`grid grid-cols-2 items-end gap-3 ${wide}`}>
      {children}
    </search>
  );
}

/** A search: `onSearch` is told once the typing rests for a moment. The key `/` leads here from anywhere on the page. */
export function SearchField({
  label,
  hint,
  value,
  restMs = TYPING_MS,
  onSearch,
}: {
  label: string;
  /** What is searched, in a few words. */
  hint: string;
  value: string;
  /** How long the typing must rest before the search begins. */
  restMs?: number;
  onSearch: (text: string) => void;
}) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const told = useRef(value);
  const [typed, setTyped] = useState(value);

  useEffect(() => {
    // Chosen elsewhere, by a link or another button: taken over, but never while somebody is typing here.
    if (value === told.current || document.activeElement === field.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    if (typed.trim() === told.current) return;
    const waiting = setTimeout(() => {
      told.current = typed.trim();
      onSearch(told.current);
    }, restMs);
    return () => clearTimeout(waiting);
  }, [typed, onSearch, restMs]);
  useSlash(field);

  return (
    <div className="col-span-2 flex min-w-0 flex-col gap-1 lg:grow">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <span className="relative">
        <input
          ref={field}
          id={id}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          maxLength={120}
          autoComplete="off"
          spellCheck={false}
          aria-keyshortcuts="/"
          placeholder={hint}
          className={`${FIELD} peer lg:pr-11`}
        />
        <kbd
          title={texts.common.searchKey}
          className="pointer-events-none absolute top-2 right-3 rounded border border-line bg-raised px-1.5 font-mono text-xs leading-6 text-quiet peer-focus:hidden max-lg:hidden"
        >
          /
        </kbd>
      </span>
    </div>
  );
}

/** A filter with some values; the empty one takes it back. */
export function FilterSelect({
  label,
  value,
  options,
  onChoose,
}: {
  label: string;
  value: string;
  options: [value: string, text: string][];
  onChoose: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1 lg:w-44">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value)} className={FIELD}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A filter by an exact text, taken over by Enter or when one goes on; `known` are offered while one types. */
export function FilterText({
  label,
  value,
  known = [],
  onChoose,
}: {
  label: string;
  value: string;
  known?: string[];
  onChoose: (value: string) => void;
}) {
  const id = useId();
  const field = useFieldOf(value);
  return (
    <form
      className="flex min-w-0 flex-col gap-1 lg:w-44"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(String(new FormData(event.currentTarget).get("text") ?? "").trim());
      }}
    >
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        ref={field}
        id={id}
        name="text"
        list={known.length > 0 ? `${id}-known` : undefined}
        defaultValue={value}
        onBlur={(event) => event.target.value.trim() !== value && event.target.form?.requestSubmit()}
        maxLength={120}
        autoComplete="off"
        spellCheck={false}
        className={FIELD}
      />
      <datalist id={`${id}-known`}>
        {known.map((text) => (
          <option key={text} value={text} />
        ))}
      </datalist>
    </form>
  );
}

/** A filter by a moment (RFC 3339), given in the reader's own time; taken over by Enter or when one goes on. */
export function FilterMoment({
  label,
  value,
  onChoose,
}: {
  label: string;
  value: string;
  onChoose: (value: string) => void;
}) {
  const id = useId();
  const shown = localMoment(value);
  const field = useFieldOf(shown);
  return (
    <form
      noValidate
      className="flex min-w-0 flex-col gap-1 max-sm:col-span-2 lg:w-52"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = String(new FormData(event.currentTarget).get("moment") ?? "");
        if (chosen !== shown) onChoose(momentOf(chosen));
      }}
    >
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        ref={field}
        id={id}
        name="moment"
        type="datetime-local"
        defaultValue={shown}
        onBlur={(event) => event.target.form?.requestSubmit()}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.form?.requestSubmit()}
        className={FIELD}
      />
    </form>
  );
}

/** The field of a filter that may be chosen elsewhere too, by a link or another button: it then shows that. */
function useFieldOf(value: string) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current) field.current.value = value;
  }, [value]);
  return field;
}

/** Lets the key `/` lead to a field, unless something is being typed elsewhere or a dialog is open. */
function useSlash(field: { current: HTMLInputElement | null }) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const where = event.target as HTMLElement;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (where.closest("input, textarea, select, dialog, [contenteditable]")) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [field]);
}
