// A waiting time that runs down before the reader's eyes.
import { useEffect, useState } from "react";
import { texts } from "@/texts";

/** How long to wait before the next try. It is read out once as it stands at first, and again when it is over. */
export function Countdown({ seconds }: { seconds: number }) {
  const [end] = useState(() => performance.now() + seconds * 1000);
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const ticking = setInterval(() => setLeft(Math.max(0, Math.ceil((end - performance.now()) / 1000))), 1000);
    return () => clearInterval(ticking);
  }, [end]);
  if (left === 0) return <p>{texts.common.tryAgainNow}</p>;
  return (
    <p>
      <span className="sr-only">{texts.common.tryAgainIn(seconds)}</span>
      <span aria-hidden="true" className="tabular-nums">
        {texts.common.tryAgainIn(left)}
      </span>
    </p>
  );
}
