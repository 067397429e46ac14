// Charts of series over time. The drawing is fetched when the first chart is shown; the same figures stand in a table
// for whoever cannot see it.
import { lazy, Suspense } from "react";
import { texts } from "@/texts";
import { formatNumber } from "./format";

export interface Series {
  name: string;
  values: (number | null)[];
}

export interface ChartProps {
  /** What question it answers, in a few words. */
  title: string;
  /** Moments (RFC 3339) of the values, oldest first. */
  times: string[];
  series: Series[];
  /** Bars for counts per day or hour, lines else. */
  kind?: "bars" | "lines";
  /** How a moment is written below the chart and in the table. */
  formatTime: (text: string) => string;
  formatValue?: (value: number) => string;
}

const Drawing = lazy(() => import("./ChartDrawing"));
const HEIGHT = "h-56";

/** A chart with a legend and its figures as a table. */
export function Chart(props: ChartProps) {
  return (
    <figure className="m-0">
      <figcaption className="mb-2 text-sm font-medium">{props.title}</figcaption>
      <div aria-hidden="true" className={HEIGHT}>
        <Suspense fallback={<div className={`${HEIGHT} animate-pulse rounded bg-raised motion-reduce:animate-none`} />}>
          <Drawing {...props} />
        </Suspense>
      </div>
      <details className="mt-2 text-sm">
        <summary className="text-quiet">{texts.common.showFigures}</summary>
        <FiguresTable {...props} />
      </details>
    </figure>
  );
}

function FiguresTable({ title, times, series, formatTime, formatValue = formatNumber }: ChartProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="max-h-64 overflow-auto" tabIndex={0} aria-label={title}>
      <table className="w-full text-left text-sm tabular-nums">
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr>
            <th scope="col" className="py-1 pr-4 font-medium">
              {texts.common.time}
            </th>
            {series.map((one) => (
              <th key={one.name} scope="col" className="py-1 pr-4 font-medium">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, at) => (
            <tr key={time}>
              <th scope="row" className="py-0.5 pr-4 font-normal">
                {formatTime(time)}
              </th>
              {series.map((one) => {
                const value = one.values[at];
                return <td key={one.name}>{value === null || value === undefined ? "–" : formatValue(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
