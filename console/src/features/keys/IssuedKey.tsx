// A key that was just made: shown this once, with a command that uses it.
import { type ReactNode, useEffect, useRef } from "react";
import { useClientId, useSession } from "@/api/session";
import { Button, ButtonLink } from "@/design/Button";
import { CodeBlock, SecretOnce } from "@/design/Copy";
import { texts } from "@/texts";
import { curlOf, type Issued } from "./keys";

const words = texts.keys;

/** A new API key; it stays in sight until the reader says that it is stored. */
export function IssuedKey({ issued, onDone, link = false }: { issued: Issued; onDone: () => void; link?: boolean }) {
  const command = curlOf(issued, useClientId(), useSession().user.email, words.curlPassword);
  return (
    <IssuedSecret
      title={words.issuedTitle(issued.name)}
      secret={issued.api_key}
      onDone={onDone}
      more={link && <ButtonLink to={`/keys/${issued.key_id}`}>{words.seeKey}</ButtonLink>}
    >
      <CodeBlock name={issued.kind === "publishable" ? words.curlLogin : words.curlTitle} code={command} />
    </IssuedSecret>
  );
}

/** A new secret, brought into sight. */
export function IssuedSecret({
  title,
  secret,
  onDone,
  more,
  children,
}: {
  title: string;
  secret: string;
  onDone: () => void;
  more?: ReactNode;
  children?: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new secret is brought into sight
  useEffect(() => {
    place.current?.scrollIntoView({ block: "nearest" });
    place.current?.focus({ preventScroll: true });
  }, [secret]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group, not a part of the page with a heading of its own
    <div ref={place} tabIndex={-1} role="group" aria-label={title} className="flex flex-col gap-3 rounded-lg">
      <SecretOnce title={title} secret={secret}>
        {words.issuedLead}
      </SecretOnce>
      {children}
      <div className="flex flex-wrap gap-3">
        <Button onClick={onDone}>{words.issuedDone}</Button>
        {more}
      </div>
    </div>
  );
}
