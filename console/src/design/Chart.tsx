// Charts of series over time. The drawing is fetched when the first chart is shown; the same figures stand in a table
// for whoever cannot see it.
import { lazy, Suspense } from "react";
import { texts } from "@/texts";
import { formatNumber } from "./format";

export interface Series {
  name: string;
  values: (number | null)[];
  /** A colour that says something, such as red for what was refused; else the theme's colours in their order. */
  tone?: "danger" | "warning";
}

export interface ChartProps {
  /** What question it answers, in a few words. */
  title: string;
  /** Moments (RFC 3339) of the values, oldest first and at equal distances. */
  times: string[];
  series: Series[];
  /** Bars for counts per day or hour, lines else. */
  kind?: "bars" | "lines";
  /** How a moment is written in the table and beside the pointer. */
  formatTime: (text: string) => string;
  /** How a moment is written below the chart, where there is little room; as in the table if not given. */
  formatTick?: (text: string) => string;
  formatValue?: (value: number) => string;
  /** The moments begin days of UTC: the axis is divided by those, not by the reader's. */
  utc?: boolean;
  /** What is said where every value is 0 or missing. */
  empty?: string;
}

const Drawing = lazy(() => import("./ChartDrawing"));
const HEIGHT = "h-56";
const ORDER = ["var(--color-chart-1)", "var(--color-chart-2)", "var(--color-chart-4)", "var(--color-chart-3)"];

/** The colour of the series at a place, as CSS writes it. */
export function colourOf(series: Series[], at: number): string {
  const tone = series[at]?.tone;
  if (tone) return tone === "danger" ? "var(--color-chart-3)" : "var(--color-chart-4)";
  return ORDER[at % ORDER.length] ?? "var(--color-quiet)";
}

/** The pattern of the line at a place, so that lines are told apart without their colours; [] is a line without gaps. */
export function dashesOf(at: number): number[] {
  return [[], [8, 4], [2, 3], [8, 3, 2, 3]][at % 4] ?? [];
}

/** A chart with a legend and its figures as a table. */
export function Chart(props: ChartProps) {
  const isEmpty = !props.series.some((one) => one.values.some((value) => value !== null && value !== 0));
  return (
    <figure className="m-0 min-w-0">
      <figcaption className="mb-2 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 text-sm">
        <span className="font-medium">{props.title}</span>
        {props.series.length > 1 && !isEmpty && <Legend {...props} />}
      </figcaption>
      {isEmpty ? (
        <p className="rounded-lg bg-raised px-4 py-3 text-sm text-quiet">{props.empty ?? texts.common.chartEmpty}</p>
      ) : (
        <div aria-hidden="true" className={HEIGHT}>
          <Suspense fallback={<div className="h-full animate-pulse rounded bg-raised motion-reduce:animate-none" />}>
            <Drawing {...props} />
          </Suspense>
        </div>
      )}
      {!isEmpty && (
        <details className="mt-2 text-sm">
          <summary className="w-fit text-quiet">{texts.common.showFigures}</summary>
          <FiguresTable {...props} />
        </details>
      )}
    </figure>
  );
}

function Legend({ series, kind }: ChartProps) {
  return (
    <span className="flex flex-wrap gap-x-4 text-quiet">
      {series.map((one, at) => (
        <span key={one.name} className="flex items-center gap-1.5">
          <Swatch colour={colourOf(series, at)} dashes={dashesOf(at)} kind={kind} />
          {one.name}
        </span>
      ))}
    </span>
  );
}

/** What a series looks like in the drawing. */
export function Swatch({
  colour,
  dashes,
  kind = "lines",
}: {
  colour: string;
  dashes: number[];
  kind?: "bars" | "lines" | undefined;
}) {
  return (
    <svg
      aria-hidden="true"
      viewBox={kind === "bars" ? "0 0 12 12" : "0 0 22 12"}
      className="h-3 shrink-0"
      style={{ color: colour }}
    >
      {kind === "bars" ? (
        <rect width="12" height="12" rx="2" fill="currentColor" />
      ) : (
        <path d="M0 6H22" stroke="currentColor" strokeWidth="3" strokeDasharray={dashes.join(" ")} />
      )}
    </svg>
  );
}

function FiguresTable({ title, times, series, formatTime, formatValue = formatNumber }: ChartProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="mt-1 max-h-64 overflow-auto" tabIndex={0} aria-label={title}>
      <table className="w-full text-sm tabular-nums">
        <caption className="sr-only">{title}</caption>
        <thead className="sticky top-0 bg-surface">
          <tr className="border-b border-line">
            <th scope="col" className="py-1 pr-4 text-left font-medium">
              {texts.common.time}
            </th>
            {series.map((one) => (
              <th key={one.name} scope="col" className="py-1 pr-4 text-right font-medium">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, at) => (
            <tr key={time}>
              <th scope="row" className="py-0.5 pr-4 text-left font-normal whitespace-nowrap">
                {formatTime(time)}
              </th>
              {series.map((one) => {
                const value = one.values[at] ?? null;
                return (
                  <td key={one.name} className="pr-4 text-right">
                    {value === null ? "–" : formatValue(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
