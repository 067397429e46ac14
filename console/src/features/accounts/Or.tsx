// A line between two ways of doing the same.
import { texts } from "@/texts";

/** A line with the word `or` in it. */
export function Or() {
  return (
    <div className="flex items-center gap-3 text-sm text-quiet">
      <span aria-hidden="true" className="h-px grow bg-line" />
      {texts.accounts.login.or}
      <span aria-hidden="true" className="h-px grow bg-line" />
    </div>
  );
}
