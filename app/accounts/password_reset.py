"""A forgotten password: the mail, and the code that comes back with a new password."""

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
from app.limits import login_throttle
from app.mail.models import PASSWORD_CHANGED, PASSWORD_RESET
from app.sessions import service as sessions
from app.users import passwords
from app.users import service as users
from app.users.errors import PasswordRefused
from app.users.models import ACTIVE, User

PAGE = "reset-password"
FORGOTTEN, RESET = "password.forgot", "password.reset"


def forget(actor: Actor, client_id: UUID, *, email: str, redirect_to: str | None = None) -> None:
    """Mail a code that resets the password of an active user; for every other address the same work is done.

    Who is invited has the invitation for it, who is disabled gets nothing. Raises InvalidRequest for a `redirect_to`
    that is not the client's.
    """
    with db.unit_of_work():
        client, user = clients.require(client_id), users.find_by_email(client_id, email)
        eligible = user is not None and user.status == ACTIVE
        subject = mailed_codes.subject(user, eligible=eligible)
        code = codes.issue(client_id, subject, RESET_PASSWORD, payload={"email": email})
        named = mails.named(user)
        mails.send(
            client, PASSWORD_RESET, email, code, PAGE, redirect_to=redirect_to, deliverable=eligible, values=named
        )
        audit.record(actor, FORGOTTEN, user_id=user.user_id if user else None, failed=not eligible)


def reset(actor: Actor, client_id: UUID, *, token: str, new_password: str) -> None:
    """Put a new password in place; all sessions end, and nobody is logged in.

    A password that is refused leaves the code as it is. Raises InvalidCode and PasswordRefused.
    """
    client, user = _asked_for(actor, client_id, token)
    _check_password(actor, client, user, new_password)
    hashed = passwords.hash_password(new_password)
    with db.unit_of_work():
        clients.lock(client_id)  # before the user's row, as whoever manages users takes them
        code, user_id = mailed_codes.redeem(actor, client_id, RESET_PASSWORD, token, action=RESET)
        before = users.find(client_id, user_id)
        after = users.prove_mailbox(client_id, user_id, email=code.payload["email"], password_hash=hashed)
        if before is None or after is None:
            mailed_codes.refuse(actor, client_id, RESET, InvalidCode(), user_id=user_id)
        ended = _end_what_was(client_id, before)
        login_throttle.clear(client_id, after.email)
        mails.send(client, PASSWORD_CHANGED, after.email, values=mails.named(after))
        audit.record(actor, RESET, client_id=client_id, user_id=user_id, detail={"sessions_ended": ended})


def _asked_for(actor: Actor, client_id: UUID, token: str) -> tuple[Client, User]:
    """Return whose password a live code is about, without spending it; raises InvalidCode."""
    with db.reading():
        client = clients.require_active(client_id)
        code = codes.find(client_id, RESET_PASSWORD, token)
        user = users.find(client_id, code.user_id) if code is not None and code.user_id is not None else None
    if user is None:
        mailed_codes.refuse_apart(actor, client_id, RESET, InvalidCode(), reason=InvalidCode.code)
    return client, user


def _check_password(actor: Actor, client: Client, user: User, password: str) -> None:
    try:
        policy.check(client, password, field="new_password", email=user.email)
    except PasswordRefused as refused:
        reason = refused.extra["reason"]
        mailed_codes.refuse_apart(actor, client.client_id, RESET, refused, reason=reason, user_id=user.user_id)


def _end_what_was(client_id: UUID, before: User) -> int:
    """End every session and whatever is pending; where the mailbox had never been proved, a stranger's keys too."""
    if not before.email_verified:
        return first_proof.wipe(client_id, before)
    mailed_codes.void_all(client_id, before.user_id)
    return sessions.revoke_all(client_id, before.user_id, reason=RESET)
