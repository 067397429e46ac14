"""The list of a client's users."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.user_management.models import CREATED_AT, UserFilter
from app.users.models import User
from app.users.store import UserDirectory

_users = UserDirectory.table.c
_EXACT = ("email", "role", "status")
_SEARCHED = (_users.email, _users.username)


def page(
    client_id: UUID, wanted: UserFilter, *, sort: str, after: tuple[datetime | str, UUID] | None, limit: int
) -> list[User]:
    """Return up to `limit` users that match: the newest first, or by e-mail; `after` is the last one read."""
    query = select(*UserDirectory.columns).where(*_conditions(wanted))
    if sort == CREATED_AT:
        query = query.order_by(_users.created_at.desc(), _users.user_id.desc())
    else:
        query = query.order_by(_users.email, _users.user_id)
    if after is not None:
        query = query.where(_after(sort, *after))
    return [User(*row) for row in UserDirectory(client_id).execute(query.limit(limit))]


def _conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    exact = {name: getattr(wanted, name) for name in _EXACT}
    conditions: list[ColumnElement[bool]] = [
        _users[name] == value for name, value in exact.items() if value is not None
    ]
    if wanted.user_id is not None:
        conditions.append(_users.user_id.in_(wanted.user_id))
    if wanted.q is not None:
        # The database folds both sides: one that knows only ASCII's capitals leaves the others alone on both.
        found = [column.istartswith(wanted.q, autoescape=True) for column in _SEARCHED]
        of_a_word = (literal(" ") + _users.full_name).icontains(f" {wanted.q}", autoescape=True)
        conditions.append(or_(*found, of_a_word))
    return conditions


def _after(sort: str, value: Any, user_id: UUID) -> ColumnElement[bool]:
    """Return the condition for what follows a position; compared as a pair, an index leads there at once."""
    if sort == CREATED_AT:
        return tuple_(_users.created_at, _users.user_id) < tuple_(value, user_id)
    return tuple_(_users.email, _users.user_id) > tuple_(value, user_id)
