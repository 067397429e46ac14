"""Many users at once: how they come in and go out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core import clock, db
from app.core.ids import new_id
from app.users.models import User
from app.users.store import UserDirectory

_BATCH = 500
_BEGINNING: dict[str, Any] = {
    "email_verified": False,
    "full_name": None,
    "username": None,
    "avatar_url": None,
    "password_hash": None,
    "password_version": 1,
    "last_login_at": None,
}


def add_many(client_id: UUID, people: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Add users in the unit of work in force; return which went in, the others' e-mail or username being taken.

    Each says at least email, role, status and custom_fields. The table's own indexes decide, so races have one winner.
    """
    now = clock.now()
    rows = [{**_BEGINNING, "created_at": now, **one, "user_id": new_id(), "updated_at": now} for one in people]
    added = UserDirectory(client_id).add_many(rows)
    return [row["user_id"] in added for row in rows]


def taken(client_id: UUID, people: Sequence[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """Return which of these people's e-mails, and usernames in lower case, users of a client have by now."""
    usernames = [one["username"].lower() for one in people if one.get("username")]
    return UserDirectory(client_id).taken([one["email"] for one in people], usernames)


def every(client_id: UUID) -> Iterator[User]:
    """Yield all users of a client by id, in batches; holds no connection in between."""
    after = None
    while True:
        with db.reading():
            users = UserDirectory(client_id).batch(after=after, limit=_BATCH)
        yield from users
        if len(users) < _BATCH:
            return
        after = users[-1].user_id
