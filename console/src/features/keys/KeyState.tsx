// Small pieces in which keys are shown: the state, the visible part of the key, its owner.
import { may, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Badge, type Tone } from "@/design/Feedback";
import { Time } from "@/design/Time";
import { texts } from "@/texts";
import { type Key, maskOf, type State } from "./keys";

const words = texts.keys;
const TONES: Record<State, Tone> = { active: "good", rotating: "warning", expired: "neutral", revoked: "danger" };

/** How a key stands, in a word. */
export function KeyState({ state }: { state: State }) {
  return <Badge tone={TONES[state]}>{words.states[state]}</Badge>;
}

/** What can be seen of a key: its beginning and its end. */
export function KeyMask({ of }: { of: Key }) {
  return <code className="font-mono text-sm whitespace-nowrap">{maskOf(of)}</code>;
}

/** When a key ends; of one that has ended, when that was. */
export function KeyEnd({ of: { status, revoked_at, expires_at } }: { of: Key }) {
  if (status === "revoked") return <Ended word={words.states.revoked} at={revoked_at} />;
  if (status === "expired") return <Ended word={words.states.expired} at={expires_at} />;
  return expires_at ? <Time at={expires_at} /> : texts.common.never;
}

function Ended({ word, at }: { word: string; at: string | null }) {
  return (
    <>
      {word} <Time at={at} />
    </>
  );
}

/** Whose key it is. */
export function KeyOwner({ of }: { of: Key }) {
  const session = useSession();
  if (of.user_id === null) return <span className="whitespace-nowrap">{words.ownerClient}</span>;
  const name = of.user_id === session.user.user_id ? words.ownerYou : words.ownerUser;
  if (!may(session, "users:read")) return name;
  return (
    <TextLink to={`/users/${of.user_id}`} className="whitespace-nowrap">
      {name}
    </TextLink>
  );
}
