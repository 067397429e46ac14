"""A user's own row: changing it and deleting the account."""

import contextlib
from collections.abc import Iterator
from typing import Any

from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.core import db, errors
from app.keys import service as keys
from app.sessions import service as sessions
from app.users import service as users
from app.users.models import User

CHANGED, DELETED = "user.update", "user.delete"


def change(actor: SignedIn, changes: dict[str, Any]) -> User:
    """Change the caller's profile; raises UsernameTaken, and TokenRevoked where another call has just deleted it."""
    if not changes:
        return actor.profile
    with db.unit_of_work(), _still_there():
        user = users.change_profile(actor.client, actor.user, changes)
        audit.record(actor, CHANGED, detail={"fields": sorted(changes)})
    return user


def delete(actor: SignedIn) -> None:
    """Delete the caller with sessions, tokens and keys; the audit log stays.

    Raises LastAdmin, and TokenRevoked where another call has just done it.
    """
    with db.unit_of_work(), _still_there():
        clients.lock(actor.client)
        users.delete(actor.client, actor.profile)
        sessions.delete_of_user(actor.client, actor.user, reason=DELETED)
        keys.delete_of_user(actor.client, actor.user)
        audit.record(actor, DELETED)


@contextlib.contextmanager
def _still_there() -> Iterator[None]:
    try:
        yield
    except errors.NotFound as gone:
        raise errors.TokenRevoked() from gone
