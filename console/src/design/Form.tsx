// Forms: fields with labels, hints and errors, and what the service says of them once they are sent.
import {
  type ComponentProps,
  type FormEvent,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { type ApiProblem, asProblem } from "@/api/problems";
import { texts } from "@/texts";
import { Button } from "./Button";
import { classes } from "./classes";
import { errorsOf, FieldErrors, firstWrong, isToldAtFields, namesOf } from "./fieldErrors";
import { ProblemNotice } from "./ProblemNotice";

/** How a field looks; for fields that are named in another way than by a label above them. */
export const INPUT =
  "w-full min-h-10 rounded-lg border border-edge bg-surface px-3 py-1.5 text-ink placeholder:text-quiet disabled:opacity-60 aria-invalid:border-danger";

/** The values of a form by the names of its fields; empty ones are left out. */
export type Values = Record<string, string>;

/**
 * A form that is sent to the service. `onSend` gets the filled-in values by field name and may throw an ApiProblem: its
 * `errors` then stand at the fields they name, all else above the button. The first field with an error takes the focus;
 * where there is none, what is said above the button takes it from that button.
 */
export function Form({
  onSend,
  send,
  look = "primary",
  actions,
  children,
}: {
  onSend: (values: Values) => Promise<unknown>;
  send: string;
  look?: "primary" | "secondary" | "danger";
  actions?: ReactNode;
  children: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const told = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (problem) (firstWrong(form.current, problem.errors) ?? readingPlace(told.current))?.focus();
  }, [problem]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy || !form.current) return;
    setBusy(true);
    setProblem(null);
    try {
      await onSend(valuesOf(form.current));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <FieldErrors value={problem?.errors ?? {}}>
      <form ref={form} onSubmit={submit} noValidate={false} className="flex flex-col gap-4">
        {children}
        {problem && !isToldAtFields(problem, namesOf(form.current)) && (
          <div ref={told} tabIndex={-1} className="rounded-lg">
            <ProblemNotice problem={problem} besides={namesOf(form.current)} />
          </div>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look={look} busy={busy}>
            {send}
          </Button>
          {actions}
        </div>
      </form>
    </FieldErrors>
  );
}

/** What is told takes the focus, save from whoever has sent the form out of a field and may go on typing there. */
function readingPlace(told: HTMLElement | null): HTMLElement | null {
  return document.activeElement?.matches("input, select, textarea") ? null : told;
}

function valuesOf(form: HTMLFormElement): Values {
  const values: Values = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value !== "") values[name] = value;
  }
  return values;
}

interface Labelled {
  label: string;
  name: string;
  hint?: ReactNode;
}

/** A line of text. Give `autoComplete` where a browser or password manager can help; `beside` stands at its right. */
export function TextField({
  label,
  hint,
  beside,
  className,
  ...rest
}: ComponentProps<"input"> & Labelled & { beside?: ReactNode }) {
  return (
    <Labelling label={label} hint={hint} name={rest.name} optional={!rest.required}>
      {(ties) => {
        const input = <input type="text" {...rest} {...ties} className={classes(INPUT, className)} />;
        return beside ? (
          <span className="flex items-center gap-3">
            {input}
            {beside}
          </span>
        ) : (
          input
        );
      }}
    </Labelling>
  );
}

/** A password, which may be shown. */
export function PasswordField({ label, hint, ...rest }: InputHTMLAttributes<HTMLInputElement> & Labelled) {
  const [shown, setShown] = useState(false);
  return (
    <Labelling label={label} hint={hint} name={rest.name} optional={!rest.required}>
      {(ties) => (
        <span className="flex gap-2">
          <input {...rest} {...ties} type={shown ? "text" : "password"} spellCheck={false} className={INPUT} />
          <Button className="shrink-0" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? texts.common.hide : texts.common.show}
          </Button>
        </span>
      )}
    </Labelling>
  );
}

/** Several lines of text. */
export function TextArea({ label, hint, className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement> & Labelled) {
  return (
    <Labelling label={label} hint={hint} name={rest.name} optional={!rest.required}>
      {(ties) => <textarea rows={4} {...rest} {...ties} className={classes(INPUT, className)} />}
    </Labelling>
  );
}

/** One of some values; an empty value is left out of what is sent. */
export function SelectField({
  label,
  hint,
  options,
  ...rest
}: SelectHTMLAttributes<HTMLSelectElement> & Labelled & { options: [value: string, text: string][] }) {
  return (
    <Labelling label={label} hint={hint} name={rest.name} optional={false}>
      {(ties) => (
        <select {...rest} {...ties} className={INPUT}>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Labelling>
  );
}

/** A yes or no; where it is not ticked, nothing is sent. */
export function CheckboxField({ label, hint, ...rest }: InputHTMLAttributes<HTMLInputElement> & Labelled) {
  const id = useId();
  return (
    <div className="flex gap-3">
      <input
        id={id}
        type="checkbox"
        {...rest}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-1 size-4 shrink-0 accent-accent"
      />
      <div>
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-quiet">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

interface Ties {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

function Labelling({
  label,
  hint,
  name,
  optional,
  children,
}: Labelled & { optional: boolean; children: (ties: Ties) => ReactNode }) {
  const id = useId();
  const errors = errorsOf(useContext(FieldErrors), name);
  const wrong = errors.length > 0;
  const described = [hint ? `${id}-hint` : "", wrong ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {optional && <span className="font-normal text-quiet"> {texts.common.optional}</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": wrong ? true : undefined })}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-quiet">
          {hint}
        </p>
      )}
      {wrong && (
        <p id={`${id}-error`} className="text-sm font-medium text-danger">
          {errors.map((said) => (
            <span key={said} className="block">
              {said}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
