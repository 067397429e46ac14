// Three answers at a glance, each with a way to look closer where there is something to look at.
import type { ReactNode } from "react";
import type { Schema } from "@/api/client";
import { may, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { Badge, type Tone } from "@/design/Feedback";
import { formatNumber, formatUtcDay } from "@/design/format";
import { Section } from "@/design/Page";
import { texts } from "@/texts";
import { type Attacks, attacksOf, type Growth, growthOf, type Health, healthOf } from "./answers";

const words = texts.statistics.overview;

/** Whether the client is healthy, grows, and is being attacked. The platform is not there to grow. */
export function Glance({ statistics }: { statistics: Schema<"StatisticsView"> }) {
  const { is_platform } = useSession().client;
  return (
    <Section plain title={words.glance}>
      <div className="grid gap-3 md:grid-cols-3">
        <HealthAnswer health={healthOf(statistics)} />
        {!is_platform && <GrowthAnswer growth={growthOf(statistics)} />}
        <AttacksAnswer attacks={attacksOf(statistics)} />
      </div>
    </Section>
  );
}

function HealthAnswer({ health }: { health: Health }) {
  const link = may(useSession(), "admin") && <TextLink to="/limits">{words.toLimits}</TextLink>;
  const ask = { question: words.health };
  if (health.state === "well") {
    const lead = health.limited ? words.wellLead : words.wellLeadNoLimits;
    return <Answer {...ask} tone="good" answer={words.well} lead={lead} />;
  }
  if (health.state === "refusing") {
    return (
      <Answer {...ask} tone="warning" answer={words.refusing} lead={words.refusingLead(health.refusals)} more={link} />
    );
  }
  const window = words.windows[health.window] ?? health.window;
  return health.state === "full" ? (
    <Answer {...ask} tone="danger" answer={words.full} lead={words.fullLead(window)} more={link} />
  ) : (
    <Answer
      {...ask}
      tone="warning"
      answer={words.tight}
      lead={words.tightLead(window, Math.floor(health.part * 100))}
      more={link}
    />
  );
}

function GrowthAnswer({ growth: { state, now, before } }: { growth: Growth }) {
  return (
    <Answer
      question={words.growth}
      tone={state === "growing" ? "good" : "neutral"}
      answer={words[state]}
      lead={growthLead({ state, now, before })}
    />
  );
}

function growthLead({ state, now, before }: Growth): string {
  if (state === "quiet") return words.quietLead;
  return state === "early" ? words.earlyLead(now) : words.growthLead(now, before);
}

function AttacksAnswer({ attacks: { state, failures, usual, since } }: { attacks: Attacks }) {
  const often = usual === null ? "" : words.usually(formatNumber(Math.round(usual)));
  if (state === "calm") {
    const lead = failures === 0 ? words.noFailures : words.calmLead(failures, often);
    return <Answer question={words.attacks} tone="good" answer={words.calm} lead={lead} />;
  }
  const found = `/audit?action=login&status=failed&since=${encodeURIComponent(since)}`;
  return (
    <Answer
      question={words.attacks}
      tone="danger"
      answer={words.unusual}
      lead={words.unusualLead(failures, often, formatUtcDay(since))}
      more={<TextLink to={found}>{words.toFailures}</TextLink>}
    />
  );
}

function Answer({
  question,
  tone,
  answer,
  lead,
  more,
}: {
  question: string;
  tone: Tone;
  answer: string;
  lead: string;
  more?: ReactNode;
}) {
  return (
    <div className="rounded-xl border border-line bg-surface p-4">
      <h3 className="text-sm text-quiet">{question}</h3>
      <p className="mt-1">
        <Badge tone={tone}>{answer}</Badge>
      </p>
      <p className="mt-2 text-sm">{lead}</p>
      {more && <p className="mt-1 text-sm">{more}</p>}
    </div>
  );
}
