// What a client that has nothing yet does first.
import type { ReactNode } from "react";
import type { Schema } from "@/api/client";
import { may, useSession } from "@/api/session";
import { ButtonLink } from "@/design/Button";
import { CodeBlock } from "@/design/Copy";
import { Section } from "@/design/Page";
import { texts } from "@/texts";

type Statistics = Schema<"StatisticsView">;

const words = texts.statistics.firstSteps;

/** Whether there is somebody besides the first admin, and a key. */
export function hasBegun({ users, keys }: Statistics): boolean {
  return users > 1 && keys.secret + keys.publishable > 0;
}

/** The steps, those that are done marked. */
export function FirstSteps({ statistics: { users, keys } }: { statistics: Statistics }) {
  const session = useSession();
  const { client_id } = session.client;
  const command = `curl ${location.origin}/api/v1/${client_id}/users -H "Authorization: Bearer YOUR_KEY"`;
  return (
    <Section title={words.title} lead={words.lead}>
      <ol className="flex flex-col gap-5">
        <Step number={1} done={users > 1} title={words.user} lead={words.userLead}>
          {may(session, "users:write") && (
            <ButtonLink small to="/users">
              {words.toUsers}
            </ButtonLink>
          )}
        </Step>
        <Step number={2} done={keys.secret + keys.publishable > 0} title={words.key} lead={words.keyLead}>
          <ButtonLink small to="/keys">
            {words.toKeys}
          </ButtonLink>
        </Step>
        <Step number={3} title={words.call} lead={words.callLead}>
          <CodeBlock name={words.command} code={command} />
          <a href={`/docs/${client_id}`} className="text-sm text-accent underline underline-offset-2">
            {words.docs}
          </a>
        </Step>
      </ol>
    </Section>
  );
}

function Step({
  number,
  done = false,
  title,
  lead,
  children,
}: {
  number: number;
  done?: boolean;
  title: string;
  lead: string;
  children: ReactNode;
}) {
  return (
    <li className="flex gap-3">
      <span
        aria-hidden="true"
        className={`flex size-7 shrink-0 items-center justify-center rounded-full text-sm font-bold ${
          done ? "bg-accent text-on-accent" : "bg-raised text-ink"
        }`}
      >
        {done ? "✓" : number}
      </span>
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2">
        <div>
          <h3 className="text-sm leading-7 font-semibold">
            {done && <span className="sr-only">{words.done} </span>}
            {title}
          </h3>
          {!done && <p className="text-sm text-quiet">{lead}</p>}
        </div>
        {!done && <div className="flex w-full min-w-0 flex-col items-start gap-3">{children}</div>}
      </div>
    </li>
  );
}
