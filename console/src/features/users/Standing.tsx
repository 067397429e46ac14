// Whether a user can log in, in badges.
import type { Schema } from "@/api/client";
import { Badge, type Tone } from "@/design/Feedback";
import { texts } from "@/texts";

type User = Schema<"UserView">;

const TONES: Record<User["status"], Tone> = { active: "good", disabled: "danger", invited: "info" };

/** A status in words. */
export function statusName(status: User["status"]): string {
  return texts.users[status];
}

/** The badges of a user: the status, and an e-mail address that nobody has proved yet. */
export function Standing({ user }: { user: User }) {
  return (
    <span className="inline-flex flex-wrap gap-1 max-sm:justify-end xl:flex-nowrap">
      <Badge tone={TONES[user.status]}>{statusName(user.status)}</Badge>
      {!user.email_verified && user.status !== "invited" && <Badge tone="warning">{texts.users.unverified}</Badge>}
    </span>
  );
}
