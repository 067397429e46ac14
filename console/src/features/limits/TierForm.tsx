// All limits of a tier, of one that is there or of a new one.
import { useState } from "react";
import { ApiProblem } from "@/api/problems";
import type { Tier } from "@/api/tiers";
import { Notice } from "@/design/Feedback";
import { Form, TextField } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { LimitField } from "./LimitField";
import {
  CLIENT_LIMITS,
  FRESH,
  LIMITS,
  type LimitName,
  type TierLimits,
  USER_LIMITS,
  usePutTier,
  VERIFY_LIMITS,
} from "./tierQueries";

const words = texts.tiers;
const PARTS: [title: string, names: LimitName[]][] = [
  [words.asClient, CLIENT_LIMITS],
  [words.asUser, USER_LIMITS],
  [words.asVerify, VERIFY_LIMITS],
];

/** The limits of a tier that is there; `clients` is how many have it. */
export function TierForm({ tier, clients, onDone }: { tier: Tier; clients: number | undefined; onDone: () => void }) {
  const [limits, setLimits] = useState<TierLimits>(tier.limits);
  const put = usePutTier();
  const tell = useToast();
  const lower = LIMITS.filter((name) => isLower(limits[name], tier.limits[name]));
  async function save() {
    await put(tier.name, limits);
    tell(words.saved(tier.name));
    onDone();
  }
  return (
    <Form send={texts.common.save} onSend={save}>
      {clients !== undefined && (
        <p className="text-sm text-quiet">{clients === 0 ? words.affectsNone : words.affects(clients)}</p>
      )}
      <LimitFields limits={limits} onChange={setLimits} />
      {tier.source === "setting" && <Notice>{words.sourceLater}</Notice>}
      {lower.length > 0 && clients !== 0 && (
        <Notice tone="warning">{words.lowers(lower.map((name) => words.limits[name]).join(", "))}</Notice>
      )}
    </Form>
  );
}

/** A new tier; `taken` are the names of those that are there. */
export function NewTierForm({ taken, onDone }: { taken: string[]; onDone: () => void }) {
  const [limits, setLimits] = useState<TierLimits>(FRESH);
  const put = usePutTier();
  const tell = useToast();
  async function create(name: string) {
    // The call that changes a tier makes it too: a name that is there must not be overwritten unseen.
    if (taken.includes(name)) throw new ApiProblem(409, "conflict", words.notSaved, { name: [words.taken] });
    await put(name, limits);
    tell(words.created(name));
    onDone();
  }
  return (
    <Form send={words.addSend} onSend={(values) => create(values.name ?? "")}>
      <TextField
        label={words.name}
        name="name"
        hint={words.nameHint}
        required
        pattern="[a-z0-9]([a-z0-9_\-]{0,30}[a-z0-9])?"
        title={words.nameHint}
        maxLength={32}
        autoComplete="off"
        spellCheck={false}
        autoCapitalize="none"
      />
      <LimitFields limits={limits} onChange={setLimits} />
    </Form>
  );
}

function LimitFields({ limits, onChange }: { limits: TierLimits; onChange: (limits: TierLimits) => void }) {
  return PARTS.map(([title, names]) => (
    <fieldset key={title} className="flex flex-col gap-3 border-t border-line pt-3">
      <legend className="float-left w-full text-sm font-semibold">{title}</legend>
      {names.map((name) => (
        <LimitField
          key={name}
          label={words.limits[name]}
          hint={words.hints[name]}
          name={name}
          value={limits[name]}
          onChange={(value) => onChange({ ...limits, [name]: value })}
        />
      ))}
    </fieldset>
  ));
}

function isLower(value: number | null, before: number | null): boolean {
  return value !== null && (before === null || value < before);
}
