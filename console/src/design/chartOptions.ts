// How uPlot draws a chart: places, axes, bars and lines. The values stand at equal distances, first to last.
import type uPlot from "uplot";
import { type ChartProps, colourOf, dashesOf } from "./Chart";
import { formatBytes, formatCompact } from "./format";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HOUR_STEPS = [1, 2, 3, 6, 12, 24];
const LETTER = 6.5;
const WIDEST_BAR = 36;
const DECIMAL = steps(10, [1, 2, 5], 15);
const BINARY = steps(2, [1], 60);

interface Room {
  width: number;
  height: number;
  font: string;
  /** Resolves a colour of the theme to one that the canvas takes. */
  colour: (css: string) => string;
  /** The reader points at a place, or (null) at none any more. */
  onPoint: (at: number | null, left: number) => void;
}

/** What uPlot is to draw: the places 0, 1, 2 … and the values of each series. */
export function dataOf({ times, series }: ChartProps): uPlot.AlignedData {
  return [times.map((_, at) => at), ...series.map((one) => one.values)];
}

/** How it is to draw it. */
export function optionsOf(props: ChartProps, room: Room): uPlot.Options {
  const {
    times,
    kind = "lines",
    formatTime,
    formatTick = formatTime,
    formatValue = formatCompact,
    utc = false,
  } = props;
  const quiet = room.colour("var(--color-quiet)");
  const line = room.colour("var(--color-line)");
  const axis: uPlot.Axis = { stroke: quiet, font: room.font, ticks: { show: false }, gap: 6 };
  return {
    width: room.width,
    height: room.height,
    padding: [10, Math.max(8, widestOf(times, formatTick) / 2 - 8), 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false },
      y: false,
      points: { show: kind === "lines", size: 8 },
      focus: { prox: -1 },
    },
    scales: {
      x: { time: false, range: [-0.5, times.length - 0.5] },
      y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.05)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        splits: (drawn) => ticksOf(times, drawn.width / widestOf(times, formatTick), utc),
        values: (_, places) => places.map((at) => formatTick(times[at] ?? "")),
      },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        incrs: formatValue === formatBytes ? BINARY : DECIMAL,
        space: 34,
        values: (_, values) => values.map((value) => formatValue(value)),
        size: (_, written) => Math.max(0, ...(written ?? []).map((text) => text.length)) * LETTER + 14,
      },
    ],
    series: [{}, ...props.series.map((_, at) => seriesOf(props, at, kind, room))],
    hooks: {
      setCursor: [
        (drawn) =>
          room.onPoint(drawn.cursor.idx ?? null, (drawn.cursor.left ?? 0) + drawn.bbox.left / devicePixelRatio),
      ],
    },
  };
}

function seriesOf({ series, times }: ChartProps, at: number, kind: "bars" | "lines", room: Room): uPlot.Series {
  const colour = room.colour(colourOf(series, at));
  if (kind === "bars") return { fill: colour, width: 0, points: { show: false }, paths: barsOf(at, series.length) };
  return {
    stroke: colour,
    width: 2,
    dash: dashesOf(at),
    points: { show: times.length <= 31, size: 5, fill: colour },
  };
}

/** Bars of one series out of several, side by side in the room of each place. */
function barsOf(at: number, count: number): uPlot.Series.PathBuilder {
  return (drawn, index, from, to) => {
    const ratio = devicePixelRatio;
    const room = drawn.valToPos(1, "x", true) - drawn.valToPos(0, "x", true);
    const width = Math.max(1, Math.min(Math.floor((room * 0.85) / count), WIDEST_BAR * ratio));
    const floor = drawn.valToPos(0, "y", true);
    const fill = new Path2D();
    for (let place = from; place <= to; place += 1) {
      const value = drawn.data[index]?.[place];
      if (!value) continue;
      const left = drawn.valToPos(place, "x", true) + (at - count / 2) * width;
      const top = Math.min(drawn.valToPos(value, "y", true), floor - ratio); // what there is shows, however little
      fill.roundRect(Math.round(left), top, width > 4 * ratio ? width - ratio : width, floor - top, [
        2 * ratio,
        2 * ratio,
        0,
        0,
      ]);
    }
    return { stroke: null, fill, clip: null, band: null, gaps: [], flags: 0 };
  };
}

/** Which places get a word below: as many as there is room for, hours at round times, days back from the last one. */
export function ticksOf(times: string[], most: number, utc: boolean): number[] {
  const places = times.map((_, at) => at);
  const distance = times.length > 1 ? new Date(times[1] ?? 0).getTime() - new Date(times[0] ?? 0).getTime() : DAY;
  const least = Math.max(1, Math.ceil(times.length / Math.max(1, Math.floor(most))));
  const last = times.length - 1;
  if (distance !== HOUR || least > 24) return places.filter((at) => (last - at) % least === 0);
  const step = HOUR_STEPS.find((hours) => hours >= least) ?? 24;
  return places.filter((at) => {
    const moment = new Date(times[at] ?? 0);
    return (utc ? moment.getUTCHours() : moment.getHours()) % step === 0;
  });
}

function widestOf(times: string[], format: (text: string) => string): number {
  return Math.max(0, ...times.map((time) => format(time).length)) * LETTER + 18;
}

function steps(base: number, parts: number[], most: number): number[] {
  return Array.from({ length: most }, (_, power) => parts.map((part) => part * base ** power)).flat();
}
