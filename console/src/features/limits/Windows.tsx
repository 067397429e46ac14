// What is left of each window, with the time to the next free call running down.
import { useEffect, useState } from "react";
import type { Schema } from "@/api/client";
import { EmptyState } from "@/design/Feedback";
import { formatDuration } from "@/design/format";
import { Gauge } from "@/design/Gauge";
import { texts } from "@/texts";

const words = texts.limits;
type Window = Schema<"WindowStatus">;

/** A gauge for each window of the client. */
export function Windows({ windows }: { windows: Window[] }) {
  const now = useNow();
  if (windows.length === 0) return <EmptyState title={words.noWindowsTitle}>{words.noWindows}</EmptyState>;
  return (
    <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
      {windows.map((window) => (
        <Gauge
          key={window.name}
          name={words.names[window.name] ?? window.name}
          used={window.limit - window.remaining}
          limit={window.limit}
          note={noteOf(window, now)}
        />
      ))}
    </div>
  );
}

function noteOf({ limit, remaining, reset_at }: Window, now: number): string {
  if (remaining === limit) return words.allLeft;
  const seconds = Math.ceil((new Date(reset_at).getTime() - now) / 1000);
  return `${words.left(remaining)} ${seconds > 0 ? words.nextIn(formatDuration(seconds)) : words.nextNow}`;
}

/** The present moment, renewed each second while the page is in sight. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const ticking = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, 1000);
    return () => clearInterval(ticking);
  }, []);
  return now;
}
