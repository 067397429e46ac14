// Deleting a role that nobody holds.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, call } from "@/api/client";
import { ApiProblem } from "@/api/problems";
import { rolesKey } from "@/api/roles";
import { may, useClientId, useSession } from "@/api/session";
import { TextLink } from "@/design/Button";
import { ConfirmButton } from "@/design/Dialog";
import { Notice } from "@/design/Feedback";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

const words = texts.roles;

/** The section with the button; while users hold the role it says how many, and leads to them. */
export function DeleteRole({ name }: { name: string }) {
  const clientId = useClientId();
  const session = useSession();
  const queries = useQueryClient();
  const go = useNavigate();
  const tell = useToast();
  const [holders, setHolders] = useState<number | null>(null);

  async function remove() {
    try {
      await call(api.DELETE("/api/v1/{client_id}/roles/{name}", { params: { path: { client_id: clientId, name } } }));
    } catch (error) {
      const users = error instanceof ApiProblem ? error.members.users : undefined;
      if (typeof users !== "number") throw error;
      setHolders(users);
      return;
    }
    tell(words.removed(name));
    await go("/roles");
    await queries.invalidateQueries({ queryKey: rolesKey(clientId) });
  }

  return (
    <Section title={words.remove}>
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="max-w-prose text-sm">{words.removeLead}</p>
          <ConfirmButton
            label={words.remove}
            title={words.removeTitle(name)}
            confirm={words.removeConfirm}
            typed={name}
            onConfirm={remove}
          >
            {words.removeBody}
          </ConfirmButton>
        </div>
        {holders !== null && (
          <Notice tone="warning" title={words.held} alert>
            {words.heldLead(holders)}{" "}
            {may(session, "users:read") && <TextLink to={`/users?role=${name}`}>{words.showHolders}</TextLink>}
          </Notice>
        )}
      </div>
    </Section>
  );
}
