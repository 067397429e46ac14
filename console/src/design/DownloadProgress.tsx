// How far a file is that is being fetched.
import type { Download } from "@/api/download";
import { texts } from "@/texts";
import { Button } from "./Button";
import { formatBytes } from "./format";

/** A bar with the bytes so far and a way to stop; nothing while no file is being fetched. */
export function DownloadProgress({ download: { progress, cancel } }: { download: Download }) {
  if (progress === null) return null;
  const { received, total } = progress;
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm">
      <progress
        aria-label={texts.common.downloading}
        value={total === null ? undefined : received}
        max={total ?? undefined}
        className="h-2.5 min-w-40 flex-1 accent-accent"
      />
      <span className="text-quiet tabular-nums">
        {total === null
          ? texts.common.bytesSoFar(formatBytes(received))
          : texts.common.bytesOf(formatBytes(received), formatBytes(total))}
      </span>
      <Button small onClick={cancel}>
        {texts.common.stop}
      </Button>
    </div>
  );
}
