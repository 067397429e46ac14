// Draws a chart with uPlot, in the colours of the theme; loaded only where a chart is shown.
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type ChartProps, colourOf, dashesOf, Swatch } from "./Chart";
import { dataOf, optionsOf } from "./chartOptions";
import { formatNumber } from "./format";

interface Pointed {
  at: number;
  left: number;
}

/** The drawing itself; it fills the room that it is given and follows changes of width and theme. */
export default function ChartDrawing(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const theme = useTheme();
  const said = JSON.stringify([props.times, props.series, props.kind]);

  useEffect(() => {
    if (!place.current) return;
    const watching = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    watching.observe(place.current);
    return () => watching.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `said` stands for the figures, `theme` for the colours
  useEffect(() => {
    const target = place.current;
    if (!target || width === 0) return;
    const drawn = new uPlot(
      optionsOf(props, {
        width,
        height: target.clientHeight,
        font: `12px ${getComputedStyle(target).fontFamily}`,
        colour: (css) => resolved(target, css),
        onPoint: (at, left) => setPointed(at === null ? null : { at, left }),
      }),
      dataOf(props),
      target,
    );
    return () => {
      drawn.destroy();
      setPointed(null);
    };
  }, [said, width, theme]);

  return (
    <div className="relative h-full w-full">
      <div ref={place} className="h-full w-full overflow-hidden" />
      {pointed && <Values {...props} {...pointed} width={width} />}
    </div>
  );
}

/** What the figures are where the reader points. */
function Values({
  times,
  series,
  kind,
  formatTime,
  formatValue = formatNumber,
  at,
  left,
  width,
}: ChartProps & Pointed & { width: number }) {
  const side = left > width / 2 ? { right: width - left + 12 } : { left: left + 12 };
  return (
    <div
      className="pointer-events-none absolute top-1 rounded-lg border border-line bg-surface px-3 py-2 text-xs whitespace-nowrap shadow-lg"
      style={side}
    >
      <p className="font-semibold">{formatTime(times[at] ?? "")}</p>
      {series.map((one, index) => (
        <p key={one.name} className="flex items-center gap-2 tabular-nums">
          <Swatch colour={colourOf(series, index)} dashes={dashesOf(index)} kind={kind} />
          <span className="text-quiet">{one.name}</span>
          <span className="ml-auto pl-3 font-semibold">{valueAt(one.values[at], formatValue)}</span>
        </p>
      ))}
    </div>
  );
}

function valueAt(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

/** A colour as the canvas takes it: variables and `light-dark()` are resolved by the browser. */
function resolved(target: Element, css: string): string {
  const probe = document.createElement("span");
  probe.style.color = css;
  target.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function useTheme(): number {
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
  return theme;
}
