// A waiting time that runs down before the reader's eyes.
import { useEffect, useRef, useState } from "react";
import { texts } from "@/texts";

/**
 * How long to wait before the next try. It is read out once as it stands at first, and again when it is over; with
 * `onOver` the page then tries again by itself.
 */
export function Countdown({
  seconds,
  since,
  onOver,
}: {
  seconds: number;
  /** When the wait began, as `performance.now()` has it: a notice may come into sight later. */
  since: number;
  onOver?: (() => void) | undefined;
}) {
  const end = since + seconds * 1000;
  const [left, setLeft] = useState(() => leftUntil(end));
  useEffect(() => {
    const ticking = setInterval(() => setLeft(leftUntil(end)), 1000);
    return () => clearInterval(ticking);
  }, [end]);
  const isOver = left === 0;
  const over = useRef(onOver);
  useEffect(() => {
    over.current = onOver;
  });
  useEffect(() => {
    if (isOver) over.current?.();
  }, [isOver]);
  if (isOver) return <p>{onOver ? texts.common.tryingAgain : texts.common.tryAgainNow}</p>;
  const said = onOver ? texts.common.triesAgainIn : texts.common.tryAgainIn;
  return (
    <p>
      <span className="sr-only">{said(seconds)}</span>
      <span aria-hidden="true" className="tabular-nums">
        {said(left)}
      </span>
    </p>
  );
}

function leftUntil(end: number): number {
  return Math.max(0, Math.ceil((end - performance.now()) / 1000));
}
