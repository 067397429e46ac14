// One group of settings: to be read, and in its place a form once somebody wants to change it.
import { useEffect, useRef, useState } from "react";
import { Button } from "@/design/Button";
import { Section } from "@/design/Page";
import { texts } from "@/texts";
import type { Client } from "../clientQueries";
import { GroupForm } from "./GroupForm";
import type { Field, Group } from "./groups";
import { OriginBadge } from "./OriginBadge";
import { ValueView } from "./ValueView";
import { standingOf } from "./values";

const words = texts.settings;

/** A group; `fixed` says why a field of it cannot be changed, `onEdit` whether there is something that is not saved. */
export function GroupBox({
  group,
  client,
  fixed,
  onEdit,
}: {
  group: Group;
  client: Client;
  fixed: (field: Field) => string | null;
  onEdit: (unsaved: boolean) => void;
}) {
  const [open, setOpen] = useState(false);
  const box = useReturningFocus(open);
  const { title, lead } = words.groups[group.id];
  function close() {
    onEdit(false);
    setOpen(false);
  }
  return (
    <div id={group.id} ref={box} className="scroll-mt-4">
      <Section
        title={title}
        lead={lead}
        actions={
          !open && (
            <Button small aria-label={words.changeGroup(title)} onClick={() => setOpen(true)}>
              {words.change}
            </Button>
          )
        }
      >
        {open ? (
          <GroupForm group={group} opened={client} fixed={fixed} onEdit={onEdit} onClose={close} />
        ) : (
          <Reading group={group} client={client} />
        )}
      </Section>
    </div>
  );
}

function Reading({ group, client }: { group: Group; client: Client }) {
  return (
    <dl className="text-sm">
      {group.fields.map((field) => {
        const { value, origin } = standingOf(client, field.name);
        return (
          <div
            key={field.name}
            className="grid grid-cols-[minmax(0,1fr)_max-content] gap-x-6 gap-y-1 border-t border-line py-3 last:pb-0 sm:grid-cols-[13rem_minmax(0,1fr)_max-content]"
          >
            <dt className="text-quiet">{words.fields[field.name].label}</dt>
            <dd className="min-w-0 max-sm:order-2 max-sm:col-span-2">
              <div className="font-semibold">
                <ValueView field={field} value={value} />
              </div>
              <p className="mt-0.5 max-w-prose text-quiet">{words.fields[field.name].does}</p>
            </dd>
            {origin && (
              <dd className="max-sm:order-1">
                <OriginBadge origin={origin} />
              </dd>
            )}
          </div>
        );
      })}
    </dl>
  );
}

/** Gives the focus back to the button of a box once its form is closed. */
export function useReturningFocus(open: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const was = useRef(open);
  useEffect(() => {
    if (was.current && !open) box.current?.querySelector("button")?.focus();
    was.current = open;
  }, [open]);
  return box;
}
