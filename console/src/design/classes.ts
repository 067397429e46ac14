// Joins class names, leaving out what is not there.
export type ClassName = string | false | null | undefined;

/** Return the class names given as one string. */
export function classes(...names: ClassName[]): string {
  return names.filter(Boolean).join(" ");
}
