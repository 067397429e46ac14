// The tiers and their limits, for operators.
import { useState } from "react";
import { type Tier, useTiers } from "@/api/tiers";
import { Button, TextLink } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { Badge, type Tone } from "@/design/Feedback";
import { formatNumber } from "@/design/format";
import { Loaded } from "@/design/Loaded";
import { Box, Page } from "@/design/Page";
import { type Column, Table } from "@/design/Table";
import { texts } from "@/texts";
import { NewTierForm, TierForm } from "./TierForm";
import { CLIENT_LIMITS, type LimitName, USER_LIMITS, useClientsByTier, VERIFY_LIMITS } from "./tierQueries";

const words = texts.tiers;
const TONES: Record<Tier["source"], Tone> = { built_in: "neutral", setting: "info", operator: "good" };

/** The page of the tiers. */
export function TiersPage() {
  const tiers = useTiers();
  const counts = useClientsByTier().data;
  const [changed, setChanged] = useState<Tier | null>(null);
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <Button look="primary" disabled={!tiers.data} onClick={() => setAdding(true)}>
          {words.add}
        </Button>
      }
    >
      <Box>
        <Loaded query={tiers} lines={12}>
          {(all) => (
            <Table
              caption={words.caption}
              columns={columnsOf(counts, setChanged)}
              rows={all}
              rowKey={(tier) => tier.name}
            />
          )}
        </Loaded>
      </Box>
      {changed && (
        <Dialog title={words.changeTier(changed.name)} onClose={() => setChanged(null)}>
          <TierForm tier={changed} clients={counts && (counts[changed.name] ?? 0)} onDone={() => setChanged(null)} />
        </Dialog>
      )}
      {adding && (
        <Dialog title={words.addTitle} onClose={() => setAdding(false)}>
          <NewTierForm taken={(tiers.data ?? []).map((tier) => tier.name)} onDone={() => setAdding(false)} />
        </Dialog>
      )}
    </Page>
  );
}

function columnsOf(counts: Record<string, number> | undefined, onChange: (tier: Tier) => void): Column<Tier>[] {
  return [
    { name: words.name, show: (tier) => <span className="font-semibold">{tier.name}</span> },
    { name: words.ofClient, show: (tier) => <Limits tier={tier} names={CLIENT_LIMITS} /> },
    { name: words.ofUser, show: (tier) => <Limits tier={tier} names={USER_LIMITS} /> },
    { name: words.ofVerify, show: (tier) => <Limits tier={tier} names={VERIFY_LIMITS} /> },
    {
      name: words.clients,
      figures: true,
      show: (tier) => counts && <Clients tier={tier.name} count={counts[tier.name] ?? 0} />,
    },
    { name: words.setBy, show: (tier) => <Badge tone={TONES[tier.source]}>{words.sources[tier.source]}</Badge> },
    {
      name: words.change,
      action: true,
      show: (tier) => (
        <Button small aria-label={words.changeTier(tier.name)} onClick={() => onChange(tier)}>
          {words.change}
        </Button>
      ),
    },
  ];
}

function Limits({ tier, names }: { tier: Tier; names: LimitName[] }) {
  return (
    <dl className="grid w-max grid-cols-[max-content_5rem] gap-x-2">
      {names.map((name) => {
        const value = tier.limits[name];
        return (
          <div key={name} className="contents">
            <dt className="text-left text-quiet">{words.windows[name]}</dt>
            <dd className="text-right tabular-nums">{value === null ? words.noLimit : formatNumber(value)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function Clients({ tier, count }: { tier: string; count: number }) {
  if (count === 0) return <>{formatNumber(count)}</>;
  return (
    <TextLink to={`/clients?tier=${encodeURIComponent(tier)}`}>
      {formatNumber(count)}
      <span className="sr-only"> {words.clientsWith(count, tier)}</span>
    </TextLink>
  );
}
