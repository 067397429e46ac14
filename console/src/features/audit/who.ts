// Who did what an entry tells. An entry's user and key are those whom it is about; the doer stands in its detail where
// that is another, or where it is a user who acted through a key.
import { type Outcome, outcomeOf } from "@/design/events";
import { texts } from "@/texts";
import { aboutOf } from "./about";
import type { Entry } from "./entries";
import { isNamed, key, nounOf, type Part, textOf, user } from "./parts";

const words = texts.audit;

/** What one does to one's own account: an API key beside it is the application's. */
const OWN = ["login", "signup", "logout", "password", "email", "totp", "passkey", "recovery_codes", "invitation"];
const OWN_SESSION = ["session.refresh", "session.refresh_reuse", "session.reauth", "credential.refuse"];
/** What begins with no more than a claim of who one is. */
const CLAIMS = [
  ...["login", "signup", "session.refresh", "session.refresh_reuse", "email.verify", "email.change"],
  ...["password.reset", "invitation.accept", "credential.refuse"],
];
/** How an attempt ends whose credential was right. */
const KNOWN_TO_BE: Outcome[] = ["factorAsked", "factorToSetUp", "proofAsked"];
/** What anybody may ask for, whosever address it is. */
const ASKED_BY_ANYBODY = ["password.forgot", "email.resend"];
/** What the service does by itself; all else that no request brought about was done at a terminal. */
const OF_THE_SERVICE = ["client.erased", "isolation.probe"];

/** Return who acted. */
export function whoOf(entry: Entry): Part[] {
  const { action, user_id, key_id, detail } = entry;
  const [byUser, byKey, impersonator] = [detail.by_user, detail.by_key, detail.impersonated_by].map(textOf);
  if (detail.by === "operator") return [words.byOperator];
  if (entry.request_id === null) return [OF_THE_SERVICE.includes(action) ? words.bySystem : words.byCommandLine];
  if (isHalfLogin(entry) && user_id) return [words.somebodyWithPassword, user(user_id)];
  if (isClaim(entry)) return claimed(user_id, action === "credential.refuse" ? key_id : null);
  if (impersonator) return [user(impersonator), ...(user_id ? [words.actingAs, user(user_id)] : [])];
  if (byUser) return [user(byUser)];
  if (user_id && (!key_id || isOfOnesOwn(action) || !isAboutUser(entry))) return [user(user_id)];
  if (action === "client.register" && !byKey) return [words.byVisitor]; // its key is the one that was made
  const keyId = byKey ?? key_id;
  return [keyId ? key(keyId) : words.bySomebody];
}

/** Whether a user did it to itself. */
export function isOfOneself(entry: Entry): boolean {
  const [who, ...more] = whoOf(entry);
  const [about] = aboutOf(entry);
  if (!who || !about || !isNamed(who) || !isNamed(about)) return false;
  return more.length === 0 && who.kind === "user" && about.kind === "user" && who.id === about.id;
}

function isClaim(entry: Entry): boolean {
  const { action, status } = entry;
  if (ASKED_BY_ANYBODY.includes(action)) return true;
  return status === "failed" && CLAIMS.includes(action) && !KNOWN_TO_BE.includes(outcomeOf(entry));
}

/** A login whose password was right: the second step is to show whether it is that user. */
function isHalfLogin(entry: Entry): boolean {
  return entry.action === "login" && KNOWN_TO_BE.includes(outcomeOf(entry));
}

/** An entry about something else names the user who acted. */
function isAboutUser(entry: Entry): boolean {
  return aboutOf(entry).some((part) => isNamed(part) && part.kind === "user");
}

function isOfOnesOwn(action: string): boolean {
  return OWN.includes(nounOf(action)) || OWN_SESSION.includes(action);
}

function claimed(userId: string | null, keyId: string | null): Part[] {
  if (userId) return [words.somebodyAs, user(userId)];
  return keyId ? [words.somebodyWith, key(keyId)] : [words.bySomebody];
}
