// What stands above a list: a search and filters, which follow one's typing.
import { type ReactNode, useEffect, useId, useRef } from "react";
import { texts } from "@/texts";
import { localMoment, momentOf } from "./format";
import { useChosenElsewhere, useTyped } from "./useTyped";

const TYPING_MS = 120;
const REST_MS = 300;
/** A year that is being typed is one of antiquity at first. */
const WHOLE_MOMENT = /^[1-9]\d{3}-/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const FIELD =
  "min-h-10 w-full rounded-lg border border-edge bg-surface px-3 py-1.5 text-sm text-ink placeholder:text-quiet aria-invalid:border-danger";

/**
 * The row of filters above a list; on a phone they stand in two columns. `many`: rows of three, as wide as the page. Its
 * `key` is what useFilters counts: what is half typed is gone when the filters are cleared.
 */
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
  const { field, typed, type } = useTyped(value, onSearch, restMs);
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
          onChange={(event) => type(event.target.value)}
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

/**
 * A filter by an exact text, taken over once the typing rests, and by Enter at once; `known` are offered while one types.
 * What is not `whole` counts for nothing, as is said where it is left standing.
 */
export function FilterText({
  label,
  value,
  known = [],
  whole,
  onChoose,
}: {
  label: string;
  value: string;
  known?: string[];
  whole?: { is: (text: string) => boolean; else: string };
  onChoose: (value: string) => void;
}) {
  const id = useId();
  const { field, typed, isWrong, type, rest, tellNow } = useTyped(value, onChoose, REST_MS, whole?.is);
  return (
    <form
      className="flex min-w-0 flex-col gap-1 lg:w-44"
      onSubmit={(event) => {
        event.preventDefault();
        tellNow();
      }}
    >
      <span className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        <span id={`${id}-wrong`} role="alert" className="text-xs text-danger empty:hidden">
          {isWrong && whole?.else}
        </span>
      </span>
      <input
        ref={field}
        id={id}
        list={known.length > 0 ? `${id}-known` : undefined}
        value={typed}
        onChange={(event) => type(event.target.value)}
        onBlur={rest}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${id}-wrong` : undefined}
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

/** A filter by an id, which counts once it is whole: a part of one would only be refused. */
export function FilterId(props: { label: string; value: string; onChoose: (value: string) => void }) {
  return <FilterText {...props} whole={{ is: isWholeId, else: texts.common.idNotWhole }} />;
}

/** A filter by a moment (RFC 3339), given in the reader's own time; taken over once it is whole, or by Enter. */
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
  const field = useRef<HTMLInputElement>(null);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  useChosenElsewhere(field, shown, () => {
    clearTimeout(waiting.current);
    if (field.current) field.current.value = shown;
  });

  function take() {
    clearTimeout(waiting.current);
    if (!field.current || field.current.validity.badInput) return; // some of it is still to be filled in
    const chosen = field.current.value;
    if (chosen !== shown) onChoose(momentOf(chosen));
  }

  return (
    <div className="flex min-w-0 flex-col gap-1 max-sm:col-span-2 lg:w-52">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        ref={field}
        id={id}
        type="datetime-local"
        defaultValue={shown}
        onChange={({ target }) => {
          clearTimeout(waiting.current);
          if (target.value === "" || WHOLE_MOMENT.test(target.value)) waiting.current = setTimeout(take, REST_MS);
        }}
        onKeyDown={(event) => event.key === "Enter" && take()}
        className={FIELD}
      />
    </div>
  );
}

function isWholeId(text: string): boolean {
  return text === "" || UUID.test(text);
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
