"""A user's own row: changing it and deleting the account."""

import contextlib
from collections.abc import Iterator
from typing import Any

from app.accounts import deletion
from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import custom_fields
from app.clients import service as clients
from app.core import db, errors
from app.users import service as users
from app.users.models import User

CHANGED = "user.update"


def change(actor: SignedIn, changes: dict[str, Any]) -> User:
    """Change the caller's profile.

    Raises UsernameTaken, ValidationFailed for custom_fields, and TokenRevoked where another call has just deleted it.
    """
    if not changes:
        return actor.profile
    if "custom_fields" in changes:
        with db.reading():
            client = clients.require(actor.client)
        custom_fields.check(client, changes["custom_fields"])
    with db.unit_of_work(), _still_there():
        user = users.change(actor.client, actor.user, changes)
        audit.record(actor, CHANGED, detail={"fields": sorted(changes)})
    return user


def delete(actor: SignedIn) -> None:
    """Delete the caller with sessions, tokens and keys; the audit log stays.

    Raises LastAdmin, and TokenRevoked where another call has just done it.
    """
    with db.unit_of_work(), _still_there():
        clients.lock(actor.client)
        deleted = deletion.delete_user(actor.client, actor.user)
        audit.record(actor, deletion.DELETED, detail={"deleted": deleted})


@contextlib.contextmanager
def _still_there() -> Iterator[None]:
    try:
        yield
    except errors.NotFound as gone:
        raise errors.TokenRevoked() from gone
