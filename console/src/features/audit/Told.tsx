// Who did something and whom it is about, in words and with links to the pages of those who have one.
import { TextLink } from "@/design/Button";
import { texts } from "@/texts";
import { aboutOf } from "./about";
import { changesOf } from "./changes";
import type { Entry } from "./entries";
import type { Naming } from "./naming";
import { isNamed, type Part } from "./parts";
import { isOfOneself, whoOf } from "./who";

interface Of {
  entry: Entry;
  naming: Naming;
}

/** Who acted. */
export function Who({ entry, naming }: Of) {
  return <Told parts={whoOf(entry)} naming={naming} />;
}

/** Whom or what it is about, and what of a client was changed; of what one does to oneself, just that. */
export function About({ entry, naming }: Of) {
  if (isOfOneself(entry)) return texts.audit.aboutOneself;
  const changes = changesOf(entry);
  return (
    <>
      <Told parts={aboutOf(entry)} naming={naming} />
      {changes && <span className="block text-xs text-quiet">{changes}</span>}
    </>
  );
}

function Told({ parts, naming }: { parts: Part[]; naming: Naming }) {
  if (parts.length === 0) return "–";
  return (
    <span className="block wrap-anywhere sm:min-w-22">
      {parts.map((part, at) => (
        <span key={isNamed(part) ? part.kind + part.id : part}>
          {at > 0 && " "}
          {isNamed(part) ? <Linked to={naming.placeOf(part)}>{naming.nameOf(part)}</Linked> : part}
        </span>
      ))}
    </span>
  );
}

function Linked({ to, children }: { to: string | null; children: string }) {
  return to === null ? children : <TextLink to={to}>{children}</TextLink>;
}
