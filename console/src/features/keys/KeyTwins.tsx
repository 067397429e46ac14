// How the keys of a rotation point at each other, and what is said of the old one when the new one ends.
import type { ReactNode } from "react";
import { TextLink } from "@/design/Button";
import { CheckboxField } from "@/design/Form";
import { formatMoment } from "@/design/format";
import { texts } from "@/texts";
import { type Key, maskOf } from "./keys";
import { replacedBy } from "./succession";
import type { useOlder } from "./twins";

const words = texts.keys;

/** In a list: which key this one replaced or was replaced by, as far as the rows shown tell. */
export function TwinLinks({ of, among }: { of: Key; among: Key[] }) {
  const newer = among.find((key) => key.key_id === of.replaced_by);
  return (
    <>
      {of.replaced_by && (
        <TwinLine to={of.replaced_by}>
          {newer ? words.replacedByShort(maskOf(newer)) : words.replacedByAnother}
        </TwinLine>
      )}
      {replacedBy(among, of).map((old) => (
        <TwinLine key={old.key_id} to={old.key_id}>
          {words.replacesShort(maskOf(old))}
        </TwinLine>
      ))}
    </>
  );
}

function TwinLine({ to, children }: { to: string; children: ReactNode }) {
  return (
    <TextLink to={`/keys/${to}`} className="mt-1 block text-xs">
      {children}
    </TextLink>
  );
}

/** On a key's page: the keys that it replaced, and until when those that are open work; `ended` is one that is not. */
export function Replaces({ older, ended }: { older: Key[]; ended: string | null }) {
  if (older.length === 0) return ended && <TextLink to={`/keys/${ended}`}>{words.seeReplaced}</TextLink>;
  return older.map((old) => (
    <span key={old.key_id} className="block">
      <TextLink to={`/keys/${old.key_id}`}>{maskOf(old)}</TextLink>, {worksUntil(old)}
    </span>
  ));
}

/** The field by which the old keys end together with the new one. */
export const WITH_OLDER = "with_older";

/** In the dialog that ends a key: the keys that it replaced work on, unless they are ended with it. */
export function OlderToo({ query }: { query: ReturnType<typeof useOlder> }) {
  if (query.error) return <p>{words.olderUnknown}</p>;
  const older = query.data ?? [];
  if (older.length === 0) return null;
  return (
    <>
      {older.map((old) => (
        <p key={old.key_id}>
          <strong>{words.olderWorks(maskOf(old), worksUntil(old))}</strong>
        </p>
      ))}
      <CheckboxField name={WITH_OLDER} label={words.olderToo} hint={words.olderTooHint} />
    </>
  );
}

function worksUntil({ expires_at }: Key): string {
  return words.worksUntil(formatMoment(expires_at ?? ""));
}
