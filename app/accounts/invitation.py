"""Invitations: an admin names an address, and whoever reads its mail sets the password."""

from collections.abc import Callable
from uuid import UUID

from app.accounts import entry, first_proof, mailed_codes, mails, new_password
from app.accounts.models import LoggedIn
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import INVITATION
from app.core import db
from app.core.actors import Actor
from app.mail import models as mail_kinds
from app.users import passwords
from app.users import service as users
from app.users.models import INVITED, User

PAGE = "accept-invitation"


def invite(actor: Actor, client: Client, user: User, redirect_to: str | None = None) -> bool:
    """Mail a user without a password the way in, in the unit of work in force; an earlier invitation is void.

    Returns False where the address has had its mails of this hour: then none leaves, and an earlier one stays good.
    The caller writes the audit row of what it is part of. Raises InvalidRequest for a `redirect_to` that is not the
    client's.
    """
    payload = {"email": user.email, "by": str(actor.user_id or actor.key_id or "")}
    kind, named = mail_kinds.INVITATION, mails.named(user)
    room = mails.has_room(client, kind, user.email)
    code = codes.issue(client.client_id, mailed_codes.subject(user, eligible=room), INVITATION, payload=payload)
    mails.send(client, kind, user.email, code, PAGE, redirect_to=redirect_to, deliverable=room, values=named)
    return room


def accept(
    actor: Actor,
    client_id: UUID,
    *,
    token: str,
    password: str,
    full_name: str | None = None,
    proved: Callable[[Client, User], None] | None = None,
) -> LoggedIn:
    """Set the password of an invited user and log it in, as far as the client's policy lets.

    A password that is refused leaves the code as it is. `proved` is told who it is once the code is spent, whether or
    not a second factor stands before the session. Raises InvalidCode, PasswordRefused and what entry.enter raises.
    """
    client, invited = mailed_codes.holder(actor, client_id, INVITATION, token, action=entry.ACCEPTED)
    if invited.status != INVITED:
        mailed_codes.refuse_apart(actor, client_id, entry.ACCEPTED, InvalidCode(), reason=InvalidCode.code)
    new_password.check_of(actor, client, invited, password, field="password", action=entry.ACCEPTED)
    hashed = passwords.hash_password(password)
    profile = {"full_name": full_name} if full_name is not None else None
    with db.unit_of_work():
        clients.lock(client_id)  # before the user's row, as whoever manages users takes them
        code, user_id = mailed_codes.redeem(actor, client_id, INVITATION, token, action=entry.ACCEPTED)
        email = code.payload["email"]
        user = users.prove_mailbox(client_id, user_id, email=email, password_hash=hashed, profile=profile, first=True)
        if user is None:
            mailed_codes.refuse(actor, client_id, entry.ACCEPTED, InvalidCode(), user_id=user_id)
        first_proof.wipe(client_id, user)
        if proved:
            proved(client, user)
        return entry.enter(actor, client, user, amr=["pwd"], action=entry.ACCEPTED)
