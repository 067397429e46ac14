// What an erasure has deleted, by kind.
import { formatNumber } from "@/design/format";
import { Lines } from "@/design/Lines";
import { texts } from "@/texts";

const words = texts.erasure;

/** The kinds of which there was anything, the largest first. */
export function DeletedCounts({ deleted }: { deleted: Record<string, number> }) {
  const some = Object.entries(deleted).filter(([, count]) => count > 0);
  some.sort(([, one], [, other]) => other - one);
  if (some.length === 0) return <p className="text-sm text-quiet">{words.nothing}</p>;
  return (
    <Lines lines={some.map(([kind, count]) => ({ name: words.kinds[kind] ?? kind, value: formatNumber(count) }))} />
  );
}
