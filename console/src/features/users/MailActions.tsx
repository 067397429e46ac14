// Mails that a user has lost, or needs; the audit log names who had them sent.
import { api, call, type Schema } from "@/api/client";
import { useClientId } from "@/api/session";
import { ConfirmButton } from "@/design/Dialog";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { Action } from "./Action";
import { useRefreshUser } from "./useChangeUser";

type User = Schema<"UserView">;

const words = texts.users;

/** Asks an active user to confirm the address, where nobody has, or to choose a new password. */
export function MailActions({ user }: { user: User }) {
  const path = { client_id: useClientId(), user_id: user.user_id };
  const sent = { params: { path }, body: {} };
  return (
    <>
      {!user.email_verified && (
        <MailAction
          user={user}
          title={words.unproved}
          lead={words.unprovedLead}
          label={words.unprovedSend}
          question={words.unprovedTitle(user.email)}
          send={() => call(api.POST("/api/v1/{client_id}/users/{user_id}/email/resend", sent))}
        />
      )}
      <MailAction
        user={user}
        title={words.forgotten}
        lead={words.forgottenLead}
        label={words.forgottenSend}
        question={words.forgottenTitle(user.email)}
        send={() => call(api.POST("/api/v1/{client_id}/users/{user_id}/password/forgot", sent))}
      />
    </>
  );
}

function MailAction({
  user,
  title,
  lead,
  label,
  question,
  send,
}: {
  user: User;
  title: string;
  lead: string;
  label: string;
  question: string;
  send: () => Promise<unknown>;
}) {
  const refresh = useRefreshUser(user.user_id);
  const tell = useToast();
  async function mail() {
    await send();
    tell(words.mailSent);
    await refresh();
  }
  return (
    <Action title={title} lead={lead}>
      <ConfirmButton label={label} title={question} confirm={label} look="secondary" onConfirm={mail}>
        {lead} {words.mailSends}
      </ConfirmButton>
    </Action>
  );
}
