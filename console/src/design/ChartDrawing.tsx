// Draws a chart with uPlot, in the colours of the theme; loaded only where a chart is shown.
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { ChartProps } from "./Chart";
import { formatCompact } from "./format";

const COLOURS = ["--color-chart-1", "--color-chart-2", "--color-chart-3", "--color-chart-4"];
const LEGEND_HEIGHT = 32;

/** The drawing itself; it fills the room that it is given and follows changes of width and theme. */
export default function ChartDrawing({ times, series, kind = "lines", formatTime, formatValue }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const theme = useTheme();

  useEffect(() => {
    if (!place.current) return;
    const watching = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    watching.observe(place.current);
    return () => watching.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` stands for the colours that are read from the page
  useEffect(() => {
    const target = place.current;
    if (!target || width === 0) return;
    const colours = COLOURS.map((name) => colourOf(target, name));
    const quiet = colourOf(target, "--color-quiet");
    const line = colourOf(target, "--color-line");
    const show = formatValue ?? formatCompact;
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const drawn = new uPlot(
      {
        width,
        height: target.clientHeight - LEGEND_HEIGHT,
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          {
            ...axis,
            values: (_, splits) => splits.map((at) => formatTime(new Date(at * 1000).toISOString())),
            space: 90,
          },
          {
            ...axis,
            values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? show(value) : "")),
            size: 55,
          },
        ],
        series: [
          { label: "", value: (_, at) => (at === null ? "" : formatTime(new Date(at * 1000).toISOString())) },
          ...series.map((one, at) => ({
            label: one.name,
            stroke: colours[at % colours.length] ?? quiet,
            width: 2,
            points: { show: false },
            value: (_: uPlot, value: number | null) => (value === null ? "–" : show(value)),
            ...(kind === "bars" ? { fill: colours[at % colours.length] ?? quiet, paths: bars(at, series.length) } : {}),
          })),
        ],
        cursor: { drag: { x: false, y: false } },
      },
      [times.map((time) => new Date(time).getTime() / 1000), ...series.map((one) => one.values)],
      target,
    );
    return () => drawn.destroy();
  }, [times, series, kind, formatTime, formatValue, width, theme]);

  return <div ref={place} className="h-full w-full text-xs" />;
}

function bars(_at: number, count: number): uPlot.Series.PathBuilder {
  return uPlot.paths.bars?.({ size: [count > 1 ? 0.4 : 0.7, 40] }) ?? (() => null);
}

/** A colour of the theme as the canvas takes it: `light-dark()` is resolved by the browser. */
function colourOf(target: Element, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  target.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function useTheme(): string {
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const changed = () => setTheme((before) => before + 1);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", changed);
    const watching = new MutationObserver(changed);
    watching.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      scheme.removeEventListener("change", changed);
      watching.disconnect();
    };
  }, []);
  return theme.toString();
}
