// Numbers, sizes and times as people read them.
const LOCALE = "en";
const whole = new Intl.NumberFormat(LOCALE);
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const second = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "long" });
const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const utcDay = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" });
const hour = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", hour: "numeric" });
const hourOfDay = new Intl.DateTimeFormat(LOCALE, { hour: "numeric" });
// Where the reader's clock is half an hour off those of others, the service's hours begin at half past.
const minute = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
const minuteOfDay = new Intl.DateTimeFormat(LOCALE, { hour: "numeric", minute: "2-digit" });
const shortDay = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric" });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const counting = new Intl.RelativeTimeFormat(LOCALE);
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

/** A moment to the second, with the zone that it is told in: `Nov 22, 2026, 6:53:06 AM GMT+1`. */
export function formatSecond(text: string): string {
  return second.format(new Date(text));
}

/** A day of the service (UTC) in few letters, for charts: `Nov 21`. */
export function formatUtcDay(text: string): string {
  return utcDay.format(new Date(text));
}

/** An hour of the service in the reader's time: `Nov 21, 2 PM`, in some zones `Nov 21, 2:30 PM`. */
export function formatHour(text: string): string {
  const at = new Date(text);
  return (at.getMinutes() === 0 ? hour : minute).format(at);
}

/** An hour below a chart: `2 PM`; at midnight the day that begins: `Nov 22`. */
export function formatHourTick(text: string): string {
  const at = new Date(text);
  if (at.getHours() === 0) return shortDay.format(at);
  return (at.getMinutes() === 0 ? hourOfDay : minuteOfDay).format(at);
}

/** How long ago, or how far ahead, a moment is: `3 minutes ago`, `in 2 days`. */
export function formatRelative(text: string, now: number = Date.now()): string {
  const seconds = Math.round((new Date(text).getTime() - now) / 1000);
  for (const [unit, length] of SPANS) {
    // “yesterday” is as good as “1 day ago”; “last month” and “next year” say less than their numbers.
    const form = unit === "day" ? relative : counting;
    if (Math.abs(seconds) >= length) return form.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(seconds, "second");
}

/** A moment (RFC 3339) as a field for date and time takes it, in the reader's zone: `2026-01-31T09:30`; else "". */
export function localMoment(text: string): string {
  const at = new Date(text);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  const year = local.getUTCFullYear();
  return year > 0 && year <= 9999 ? local.toISOString().slice(0, 16) : "";
}

/** What a field for date and time holds, as a moment (RFC 3339); "" where it is none. */
export function momentOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** A number of seconds in words: 5400 as `1 hour 30 minutes`. */
export function formatDuration(seconds: number): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const [unit, length] of [...SPANS.slice(2), ["second", 1] as const]) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(inUnit(count, unit));
  }
  return parts.join(" ") || inUnit(0, "second");
}

function inUnit(count: number, unit: string): string {
  return new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "long" }).format(count);
}
