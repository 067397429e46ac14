// What stands below the list while nobody but the reader is in it: how people get in.
import { may, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { texts } from "@/texts";

const words = texts.users;

/** How the first users come: by sign-up, added by hand, or imported. */
export function FirstUsers() {
  return (
    <div className="flex flex-col items-start gap-2 rounded-xl border border-dashed border-edge p-4 text-sm sm:p-6">
      <p className="text-base font-semibold">{words.alone}</p>
      <p className="max-w-prose text-quiet">{words.aloneLead}</p>
      {may(useSession(), "admin") && <TextLink to="/welcome">{words.aloneSteps}</TextLink>}
    </div>
  );
}
