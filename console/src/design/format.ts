// Numbers, sizes and times as people read them.
const LOCALE = "en";
const whole = new Intl.NumberFormat(LOCALE);
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** 12345 as `12,345`. */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** 12345 as `12.3K`, for narrow places. */
export function formatCompact(value: number): string {
  return compact.format(value);
}

/** A number of bytes in the unit that suits it: 1536 as `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value).toString() : value.toFixed(1)} ${UNITS[power] ?? ""}`;
}

/** A moment (RFC 3339) as date and time of the reader. */
export function formatMoment(text: string): string {
  return moment.format(new Date(text));
}

/** A moment (RFC 3339) as the reader's date. */
export function formatDay(text: string): string {
  return day.format(new Date(text));
}

/** How long ago, or how far ahead, a moment is: `3 minutes ago`, `in 2 days`. */
export function formatRelative(text: string, now: number = Date.now()): string {
  const seconds = Math.round((new Date(text).getTime() - now) / 1000);
  for (const [unit, length] of SPANS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(seconds, "second");
}
