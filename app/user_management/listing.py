"""Seeing a client's users."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import db
from app.user_management import queries, rights
from app.user_management.models import CREATED_AT, UserFilter
from app.users.models import User


def show(client_id: UUID, user_id: UUID) -> User:
    """Return a user; raises NotFound."""
    with db.reading():
        return rights.require(client_id, user_id)


def page(client_id: UUID, wanted: UserFilter, *, sort: str, position: list[Any] | None, limit: int) -> list[User]:
    """Return up to `limit` + 1 users; `position` is the sort value and the id of the last one read, as texts."""
    after: tuple[datetime | str, UUID] | None = None
    if position is not None:
        value, user_id = position
        after = (datetime.fromisoformat(value) if sort == CREATED_AT else value, UUID(user_id))
    with db.reading():
        return queries.page(client_id, wanted, sort=sort, after=after, limit=limit + 1)
