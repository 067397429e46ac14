"""Making a user: with a password, or by inviting whoever reads the mailbox to choose one."""

from typing import Any
from uuid import UUID

from app.accounts import email_verification, invitation, mailed_codes, mails, new_password
from app.audit import service as audit
from app.clients import custom_fields
from app.clients import service as clients
from app.clients.models import Client
from app.core import db, errors
from app.core.actors import Actor
from app.idempotency import service as idempotency
from app.idempotency.errors import AlreadyCreated
from app.idempotency.service import IdempotentCall
from app.roles import service as roles
from app.user_management import rights
from app.users import passwords
from app.users import service as users
from app.users.errors import EmailTaken, UsernameTaken
from app.users.models import ACTIVE, INVITED, User

CREATED = "user.create"


def create(
    actor: Actor,
    client_id: UUID,
    *,
    email: str,
    password: str | None = None,
    role: str = roles.USER,
    redirect_to: str | None = None,
    call: IdempotentCall | None = None,
    **given: Any,
) -> User:
    """Make a user; without a password it is invited by mail, and `redirect_to` is where the mail leads.

    One with a password is mailed a link where the client wants addresses proved and the caller does not vouch for it.

    A plain repeat returns the same user. Raises PasswordRefused, BeyondOwnRights, EmailTaken, UsernameTaken,
    ValidationFailed for a role that is not there or fields that the client's schema refuses, InvalidRequest for
    `redirect_to`, InsufficientScope for the platform client, and what idempotency.claim raises.
    """
    client = _open_client(client_id)
    custom_fields.check(client, given.get("custom_fields", {}))
    mails.check_redirect(client, redirect_to)
    hashed = None if password is None else _hashed(client, password, email)
    try:
        with db.unit_of_work():
            clients.lock(client_id)
            rights.check_assignable(actor, client_id, role, action=CREATED)
            idempotency.claim(call)
            user = _add(client, call, email=email, password_hash=hashed, role=role, **given)
            sent = _mail(actor, client, user, redirect_to)
            _record(actor, client_id, user, sent=sent)
            idempotency.finish(call, user_id=user.user_id)
    except AlreadyCreated as earlier:
        return _made_before(client_id, earlier)
    return user


def _open_client(client_id: UUID) -> Client:
    """Return a client whose users this API makes; raises InsufficientScope for the platform."""
    with db.reading():
        client = clients.require(client_id)
    if client.is_platform:
        raise errors.InsufficientScope("Only `flask operators create` makes users of the platform.")
    return client


def _mail(actor: Actor, client: Client, user: User, redirect_to: str | None) -> bool:
    """Invite a user, or ask for the proof of its address where the client wants one; False if that is one too many."""
    if user.status == INVITED:
        return invitation.invite(actor, client, user, redirect_to=redirect_to)
    return email_verification.send_if_asked(client, user)


def _record(actor: Actor, client_id: UUID, user: User, *, sent: bool) -> None:
    detail: dict[str, Any] = {"role": user.role, "invited": user.status == INVITED}
    detail |= {} if sent else {"reason": mailed_codes.TOO_MANY}
    audit.record(actor, CREATED, client_id=client_id, user_id=user.user_id, detail=detail)


def _add(client: Client, call: IdempotentCall | None, *, password_hash: str | None, **values: Any) -> User:
    status = INVITED if password_hash is None else ACTIVE
    try:
        return users.add(client.client_id, password_hash=password_hash, status=status, **values)
    except (EmailTaken, UsernameTaken):
        idempotency.give_up(call)
        raise


def _made_before(client_id: UUID, earlier: AlreadyCreated) -> User:
    """Return what the first call made, for nothing of it is secret; raises AlreadyCreated where it is gone."""
    with db.reading():
        user = users.find(client_id, UUID(earlier.extra["user_id"]))
    if user is None:
        raise earlier
    return user


def _hashed(client: Client, password: str, email: str) -> str:
    new_password.check(client, password, field="password", email=email)
    return passwords.hash_password(password)
