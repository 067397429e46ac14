// Counts in words: `1 user`, `2 users`.
const rules = new Intl.PluralRules("en");
const figures = new Intl.NumberFormat("en");

/** Return a count with its noun in the form that goes with it. */
export function counted(count: number, one: string, other: string): string {
  return `${figures.format(count)} ${rules.select(count) === "one" ? one : other}`;
}
