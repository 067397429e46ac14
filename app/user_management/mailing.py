"""Mailing a user, at an admin's word, what it could ask for itself: a new password, or another proof of the address.

What anybody may ask for by an address is in app.accounts and tells nobody who has an account; here the caller sees the
user, is named in the audit log, and learns why no mail can leave.
"""

from collections.abc import Callable
from uuid import UUID

from app.accounts import email_verification, mailed_codes, mails, password_reset
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.core import db
from app.core.actors import Actor
from app.core.errors import Conflict
from app.user_management import rights
from app.users.models import ACTIVE, DISABLED, User

RESET, VERIFICATION = "user.mail_reset", "user.mail_verification"


def mail_reset(actor: Actor, client_id: UUID, user_id: UUID, *, redirect_to: str | None = None) -> None:
    """Mail an active user a code that resets its password; the one before works no more.

    Where the address has had its mails of this hour none leaves and the newest stays good, as the audit row says.
    Raises NotFound, BeyondOwnRights, Conflict for whoever is not active, and InvalidRequest for `redirect_to`.
    """

    def send(client: Client, user: User) -> bool:
        return password_reset.send(client, user, user.email, redirect_to=redirect_to)

    _mail(actor, client_id, user_id, redirect_to, action=RESET, send=send)


def mail_verification(actor: Actor, client_id: UUID, user_id: UUID, *, redirect_to: str | None = None) -> None:
    """Mail an active user another code that proves its address; raises Conflict where it is proved, else as above."""

    def send(client: Client, user: User) -> bool:
        if user.email_verified:
            raise Conflict("This user has confirmed the address already.")
        return email_verification.send_again(client, user, user.email, redirect_to=redirect_to)

    _mail(actor, client_id, user_id, redirect_to, action=VERIFICATION, send=send)


def _mail(
    actor: Actor,
    client_id: UUID,
    user_id: UUID,
    redirect_to: str | None,
    *,
    action: str,
    send: Callable[[Client, User], bool],
) -> None:
    with db.unit_of_work():
        client = clients.lock(client_id)
        user = rights.require(client_id, user_id)
        rights.check_over(actor, client_id, user, action=action)
        _check_active(user)
        mails.check_redirect(client, redirect_to)
        sent = send(client, user)
        detail = {} if sent else {"reason": mailed_codes.TOO_MANY}
        audit.record(actor, action, client_id=client_id, user_id=user_id, failed=not sent, detail=detail)


def _check_active(user: User) -> None:
    if user.status == DISABLED:
        raise Conflict("This user is disabled: enable it first.")
    if user.status != ACTIVE:
        raise Conflict("This user has not accepted the invitation yet: send that once more.")
