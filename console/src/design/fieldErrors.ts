// What a refusal says about the fields of a form: which of them it is about, and whether they say all of it.
import { createContext } from "react";
import type { ApiProblem } from "@/api/problems";
import { texts } from "@/texts";

/** The errors of the form around a field, by path. */
export const FieldErrors = createContext<Record<string, string[]>>({});

/** Whether the fields say all that there is to say. */
export function isToldAtFields({ code, message, errors }: ApiProblem, names: string[]): boolean {
  const told = Object.entries(errors);
  const all = told.every(([path]) => names.some((name) => path === name || path.startsWith(`${name}.`)));
  return told.length > 0 && all && (code === "validation_failed" || told.some(([, said]) => said.includes(message)));
}

/** The first field that an error is about; an error of one line of a list (`origins.2`) is about the list. */
export function firstWrong(form: HTMLFormElement | null, errors: Record<string, string[]>): HTMLElement | undefined {
  const fields = [...(form?.elements ?? [])] as HTMLElement[];
  return fields.find((field) => errorsOf(errors, field.getAttribute("name") ?? "").length > 0);
}

/** The errors of a field, and those of the lines of a list with the line's number. */
export function errorsOf(errors: Record<string, string[]>, name: string): string[] {
  if (name === "") return [];
  const found = errors[name] ?? [];
  const lines = Object.entries(errors).filter(([path]) => path.startsWith(`${name}.`));
  const told = lines.map(([path, said]) => {
    const line = Number(path.slice(name.length + 1));
    return Number.isInteger(line) ? texts.common.inLine(line + 1, said.join(" ")) : said.join(" ");
  });
  return [...found, ...told];
}

/** All that is said of a field, each once, whatever part of it that is about. */
export function saidOf(errors: Record<string, string[]>, name: string): string[] {
  const about = Object.entries(errors).filter(([path]) => path === name || path.startsWith(`${name}.`));
  return [...new Set(about.flatMap(([, said]) => said))];
}

/** The names of the fields of a form. */
export function namesOf(form: HTMLFormElement | null): string[] {
  return form ? [...form.elements].map((field) => field.getAttribute("name") ?? "").filter(Boolean) : [];
}
