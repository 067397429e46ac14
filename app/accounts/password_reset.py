"""A forgotten password: the mail, and the code that comes back with a new password."""

from collections.abc import Callable
from uuid import UUID

from app.accounts import first_proof, mailed_codes, mails
from app.accounts import new_password as policy
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import RESET_PASSWORD
from app.core import db
from app.core.actors import Actor
from app.keys import service as keys
from app.limits import login_throttle
from app.mail.models import PASSWORD_CHANGED, PASSWORD_RESET
from app.sessions import service as sessions
from app.users import passwords
from app.users import service as users
from app.users.models import User

PAGE = "reset-password"
FORGOTTEN, RESET = "password.forgot", "password.reset"


def forget(actor: Actor, client_id: UUID, *, email: str, redirect_to: str | None = None) -> None:
    """Mail a code that resets the password of an active user; for every other address the same work is done.

    Who is invited has the invitation for it, who is disabled gets nothing; an address that has had its mails of this
    hour keeps the code of the last one. Raises InvalidRequest for a `redirect_to` that is not the client's.
    """
    client = mailed_codes.client_of(actor, client_id, redirect_to, action=FORGOTTEN)
    with db.unit_of_work():
        user = users.find_by_email(client_id, email)
        reason = mailed_codes.why_none(user)
        room = send(client, user, email, eligible=reason is None, redirect_to=redirect_to)
        reason = reason or (None if room else mailed_codes.TOO_MANY)
        mailed_codes.note_request(actor, FORGOTTEN, user, reason=reason)


def send(
    client: Client, user: User | None, email: str, *, eligible: bool = True, redirect_to: str | None = None
) -> bool:
    """Mail a code that resets a password, in the unit of work in force; an earlier one is void.

    Returns False where the address has had its mails of this hour: then none leaves, and an earlier code stays good.
    For whoever is not `eligible` the same work is done, and nothing is sent.
    """
    room = mails.has_room(client, PASSWORD_RESET, email)
    sent = eligible and room
    subject, named = mailed_codes.subject(user, eligible=sent), mails.named(user)
    code = codes.issue(client.client_id, subject, RESET_PASSWORD, payload={"email": email})
    mails.send(client, PASSWORD_RESET, email, code, PAGE, redirect_to=redirect_to, deliverable=sent, values=named)
    return room


def reset(
    actor: Actor,
    client_id: UUID,
    *,
    token: str,
    new_password: str,
    proved: Callable[[Client, User], None] | None = None,
) -> None:
    """Put a new password in place; all sessions end, and nobody is logged in.

    A password that is refused leaves the code as it is. `proved` is told who it is once the code is spent. Raises
    InvalidCode and PasswordRefused.
    """
    client, user = mailed_codes.holder(actor, client_id, RESET_PASSWORD, token, action=RESET)
    policy.check_of(actor, client, user, new_password, field="new_password", action=RESET)
    hashed = passwords.hash_password(new_password)
    with db.unit_of_work():
        clients.lock(client_id)  # before the user's row, as whoever manages users takes them
        code, user_id = mailed_codes.redeem(actor, client_id, RESET_PASSWORD, token, action=RESET)
        before = users.find(client_id, user_id)
        after = users.prove_mailbox(client_id, user_id, email=code.payload["email"], password_hash=hashed)
        if before is None or after is None:
            mailed_codes.refuse(actor, client_id, RESET, InvalidCode(), user_id=user_id)
        detail = _end_what_was(client_id, before)
        login_throttle.clear(client_id, after.email)
        mails.send(client, PASSWORD_CHANGED, after.email, values=mails.named(after))
        audit.record(actor, RESET, client_id=client_id, user_id=user_id, detail=detail)
        if proved:
            proved(client, after)


def _end_what_was(client_id: UUID, before: User) -> dict[str, int]:
    """End every session, the user's own keys and whatever is pending; return what of it the audit log repeats."""
    if not before.email_verified:
        return {"sessions_ended": first_proof.wipe(client_id, before)}
    mailed_codes.void_all(client_id, before.user_id)
    ended = sessions.revoke_all(client_id, before.user_id, reason=RESET)
    return {"sessions_ended": ended, "keys_ended": keys.end_of_user(client_id, before.user_id)}
