"""Sign-up: a new user, its first session, and the one audit row of the attempt."""

from typing import Any
from uuid import UUID

from app.accounts.models import LoggedIn
from app.accounts.subjects import subject_of
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.core import db, errors
from app.core.actors import Actor
from app.idempotency import service as idempotency
from app.idempotency.service import IdempotentCall
from app.sessions import service as sessions
from app.users import passwords
from app.users import service as users
from app.users.errors import EmailTaken, PasswordRefused, UsernameTaken

SIGNED_UP = "signup"


def sign_up(
    actor: Actor, client_id: UUID, *, email: str, password: str, call: IdempotentCall | None = None, **profile: Any
) -> LoggedIn:
    """Add a user and log it in.

    The password is hashed whether or not the address is taken, so that the time tells nothing. Raises
    PasswordRefused, EmailTaken, UsernameTaken, InsufficientScope for the platform client, and what
    idempotency.claim raises.
    """
    with db.reading():
        client = clients.require(client_id)
    if client.is_platform:
        raise errors.InsufficientScope("Only `flask operators create` makes users of the platform.")
    try:
        _check_password(client, password, email)
    except PasswordRefused as refused:
        with db.unit_of_work():
            audit.record(actor, SIGNED_UP, failed=True, detail={"reason": refused.extra["reason"]})
        raise
    hashed = passwords.hash_password(password)
    with db.unit_of_work():
        idempotency.claim(call)
        try:
            user = users.add(client_id, email=email, password_hash=hashed, **profile)
        except (EmailTaken, UsernameTaken) as taken:
            idempotency.give_up(call)
            audit.record(actor, SIGNED_UP, failed=True, detail={"reason": taken.code})
            raise
        subject = subject_of(user, client_id=client_id, client_version=client.version, settings=client.settings)
        tokens = sessions.start(subject, origin=actor.origin, amr=["pwd"])
        audit.record(actor, SIGNED_UP, user_id=user.user_id, detail={"session_id": str(tokens.session_id)})
        idempotency.finish(call, user_id=user.user_id)
    return LoggedIn(user, tokens)


def _check_password(client: Client, password: str, email: str) -> None:
    users.check_password(
        password,
        field="password",
        min_length=client.settings.password_min_length,
        email=email,
        client_name=client.client_name,
    )
