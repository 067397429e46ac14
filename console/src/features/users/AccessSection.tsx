// What ends, or gives back, a user's access.
import { api, call, type Schema } from "@/api/client";
import { useClientId } from "@/api/session";
import { ConfirmButton } from "@/design/Dialog";
import { Section } from "@/design/Page";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { Action } from "./Action";
import type { DeletedRows } from "./GoneUser";
import { MailActions } from "./MailActions";
import { useChangeUser, useRefreshUser } from "./useChangeUser";

type User = Schema<"UserView">;

const words = texts.users;

/** The actions, each with what it does; those that have no meaning for this user are not there. */
export function AccessSection({ user, onGone }: { user: User; onGone: (rows: DeletedRows) => void }) {
  return (
    <Section title={words.access}>
      <div className="flex flex-col divide-y divide-line">
        {user.status === "invited" && <InviteAgain user={user} />}
        {user.status === "active" && <MailActions user={user} />}
        {user.status === "disabled" ? <Enable user={user} /> : <Disable user={user} />}
        <ResetFactors user={user} />
        <Remove user={user} onGone={onGone} />
      </div>
    </Section>
  );
}

function InviteAgain({ user }: { user: User }) {
  const clientId = useClientId();
  const tell = useToast();
  async function invite() {
    await call(
      api.POST("/api/v1/{client_id}/users/{user_id}/invitation", {
        params: { path: { client_id: clientId, user_id: user.user_id } },
        body: {},
      }),
    );
    tell(words.inviteAgainSent);
  }
  return (
    <Action title={words.invitation} lead={words.invitationLead}>
      <ConfirmButton
        label={words.inviteAgain}
        title={words.inviteAgainTitle(user.email)}
        confirm={words.sendInvitation}
        look="secondary"
        onConfirm={invite}
      >
        {words.inviteAgainBody}
      </ConfirmButton>
    </Action>
  );
}

function Disable({ user }: { user: User }) {
  const change = useChangeUser(user.user_id);
  const tell = useToast();
  async function disable() {
    await change({ status: "disabled" });
    tell(words.wasDisabled);
  }
  return (
    <Action title={words.disable} lead={words.disableLead}>
      <ConfirmButton
        label={words.disable}
        title={words.disableTitle(user.email)}
        confirm={words.disable}
        look="secondary"
        onConfirm={disable}
      >
        {words.disableLead}
      </ConfirmButton>
    </Action>
  );
}

function Enable({ user }: { user: User }) {
  const change = useChangeUser(user.user_id);
  const tell = useToast();
  async function enable() {
    const { status } = await change({ status: "active" });
    tell(status === "invited" ? words.reinvited : words.wasEnabled);
  }
  return (
    <Action title={words.enable} lead={words.enableLead}>
      <ConfirmButton
        label={words.enable}
        title={words.enableTitle(user.email)}
        confirm={words.enable}
        look="secondary"
        onConfirm={enable}
      >
        {words.enableLead}
      </ConfirmButton>
    </Action>
  );
}

function ResetFactors({ user }: { user: User }) {
  const clientId = useClientId();
  const refresh = useRefreshUser(user.user_id);
  const tell = useToast();
  async function reset() {
    const { deleted } = await call(
      api.DELETE("/api/v1/{client_id}/users/{user_id}/mfa", {
        params: { path: { client_id: clientId, user_id: user.user_id } },
      }),
    );
    tell(deleted.factors > 0 ? words.factorsGone(deleted.factors) : words.factorsNone);
    await refresh();
  }
  return (
    <Action title={words.factors} lead={words.factorsLead}>
      <ConfirmButton
        label={words.factors}
        title={words.factorsTitle(user.email)}
        confirm={words.factorsConfirm}
        onConfirm={reset}
      >
        {words.factorsBody}
      </ConfirmButton>
    </Action>
  );
}

function Remove({ user, onGone }: { user: User; onGone: (rows: DeletedRows) => void }) {
  const clientId = useClientId();
  async function remove() {
    const { deleted } = await call(
      api.DELETE("/api/v1/{client_id}/users/{user_id}", {
        params: { path: { client_id: clientId, user_id: user.user_id } },
      }),
    );
    onGone(deleted);
  }
  return (
    <Action title={words.remove} lead={words.removeLead}>
      <ConfirmButton
        label={words.remove}
        title={words.removeTitle(user.email)}
        confirm={words.removeConfirm}
        typed={user.email}
        onConfirm={remove}
      >
        {words.removeLead}
      </ConfirmButton>
    </Action>
  );
}
