// Light, dark or as the system has it; kept in a cookie that holds nothing but this choice.
import { useId, useState } from "react";
import { texts } from "@/texts";

const COOKIE = "rowlock_theme";
const YEAR = 31_536_000;
const CHOICES: [value: string, text: string][] = [
  ["system", texts.common.themeSystem],
  ["light", texts.common.themeLight],
  ["dark", texts.common.themeDark],
];

/** Put the colours chosen before into effect; called before the first page is drawn. */
export function applyTheme(): void {
  show(chosen());
}

/** A choice of the colours. */
export function ThemeChoice() {
  const id = useId();
  const [theme, setTheme] = useState(chosen);
  return (
    <div className="flex items-center justify-between gap-2 text-sm">
      <label htmlFor={id} className="text-quiet">
        {texts.common.theme}
      </label>
      <select
        id={id}
        value={theme}
        onChange={(event) => {
          const value = event.target.value;
          // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
          document.cookie = `${COOKIE}=${value}; path=/console; max-age=${YEAR.toString()}; samesite=strict`;
          setTheme(value);
          show(value);
        }}
        className="rounded-md border border-edge bg-surface px-2 py-1"
      >
        {CHOICES.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function chosen(): string {
  const kept = new RegExp(`(?:^|; )${COOKIE}=(light|dark)`).exec(document.cookie);
  return kept?.[1] ?? "system";
}

function show(theme: string): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
