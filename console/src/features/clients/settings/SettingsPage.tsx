// The settings of one's own client: each value in force with where it comes from, to be changed group by group.
import { useCallback, useEffect, useState } from "react";
import { useClientId, useSession, useSessionState } from "@/api/session";
import { LeaveGuard } from "@/design/LeaveGuard";
import { Loaded } from "@/design/Loaded";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { type Client, useClient } from "../clientQueries";
import { Addresses } from "./Addresses";
import { GroupBox } from "./GroupBox";
import { type Field, GROUPS, LAST_GROUP, ORDER } from "./groups";
import { MailsBox } from "./MailsBox";
import { OriginLegend } from "./OriginBadge";

const words = texts.settings;

/** The page of the settings. */
export function SettingsPage() {
  const query = useClient(useClientId(), true);
  return (
    <Page title={words.title} lead={words.lead}>
      <Loaded query={query} lines={16}>
        {(client) => <Settings client={client} />}
      </Loaded>
    </Page>
  );
}

function Settings({ client }: { client: Client }) {
  const [unsaved, note] = useUnsaved();
  const fixed = useFixed();
  useNameOfSession(client);
  useEffect(() => document.getElementById(location.hash.slice(1))?.scrollIntoView(), []);
  const box = { client, fixed };
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[12rem_minmax(0,1fr)]">
      {unsaved && <LeaveGuard words={texts.common.leaveUnsaved} />}
      <Contents />
      <div className="flex min-w-0 flex-col gap-6">
        <About client={client} />
        {GROUPS.map((group) => (
          <GroupBox key={group.id} group={group} {...box} onEdit={note(group.id)} />
        ))}
        <MailsBox client={client} onEdit={note("mails")} />
        <GroupBox group={LAST_GROUP} {...box} onEdit={note(LAST_GROUP.id)} />
      </div>
    </div>
  );
}

function Contents() {
  return (
    <nav aria-label={words.groupsOnPage} className="text-sm lg:sticky lg:top-6">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 lg:flex-col lg:gap-0">
        {ORDER.map((id) => (
          <li key={id}>
            <a href={`#${id}`} className="block py-1 text-accent underline-offset-2 hover:underline">
              {words.groups[id].title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function About({ client }: { client: Client }) {
  return (
    <div className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-4 sm:p-5">
      <OriginLegend />
      <Addresses clientId={client.client_id} />
    </div>
  );
}

/** Whether any group has changes that are not saved, and a function for each group to say so. */
function useUnsaved(): [boolean, (id: string) => (unsaved: boolean) => void] {
  const [groups, setGroups] = useState<ReadonlySet<string>>(new Set());
  const [notes] = useState(() => new Map<string, (unsaved: boolean) => void>());
  const note = useCallback(
    (id: string) => {
      const known = notes.get(id);
      if (known) return known;
      const fresh = (unsaved: boolean) =>
        setGroups((before) => {
          if (before.has(id) === unsaved) return before;
          const after = new Set(before);
          if (unsaved) after.add(id);
          else after.delete(id);
          return after;
        });
      notes.set(id, fresh);
      return fresh;
    },
    [notes],
  );
  return [groups.size > 0, note];
}

/** Why some fields of the platform's own client cannot be changed. */
function useFixed(): (field: Field) => string | null {
  const { client, is_operator } = useSession();
  return (field) => {
    if (!client.is_platform) return null;
    if (field.name === "slug" || field.name === "signup") return words.fixed[field.name];
    return field.name === "mfa_policy" && !is_operator ? words.fixed.mfa_policy : null;
  };
}

/** Lets the frame of the page show the client's new name. */
function useNameOfSession({ client_name, slug }: Client) {
  const { renew } = useSessionState();
  useEffect(() => {
    renew((present) => {
      const { client } = present;
      if (client.client_name === client_name && client.slug === slug) return present;
      return { ...present, client: { ...client, client_name, slug } };
    });
  }, [client_name, slug, renew]);
}
