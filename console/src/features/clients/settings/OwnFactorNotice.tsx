// A warning for whoever is about to ask everybody for a second factor, and has none.
import { useQuery } from "@tanstack/react-query";
import { factorsQuery } from "@/api/factors";
import { useClientId } from "@/api/session";
import { Notice } from "@/design/Feedback";
import { texts } from "@/texts";

const words = texts.settings.ownFactor;
const ASKING_ADMINS = ["required", "required_for_admins"];

/** Stands below the choice of who needs a second factor; `chosen` is what it is set to. */
export function OwnFactorNotice({ chosen }: { chosen: string | null }) {
  const asks = chosen !== null && ASKING_ADMINS.includes(chosen);
  const factors = useQuery({ ...factorsQuery(useClientId()), enabled: asks });
  if (!asks || factors.data?.methods.length !== 0) return null;
  return (
    <div role="status">
      <Notice tone="warning" title={words.title}>
        {words.explains}
      </Notice>
    </div>
  );
}
