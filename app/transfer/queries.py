"""Reading all rows of a client, batch by batch in the order of a bundle."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, tuple_, union_all

from app.clients.tables import clients
from app.core import db
from app.mfa.tables import totp_factors
from app.transfer.store import PARTS, Part
from app.users.store import UserDirectory

BATCH = 500


def client_row(client_id: UUID) -> db.AnyRow | None:
    """Return a client's row."""
    return db.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()


def batches(part: Part, client_id: UUID) -> Iterator[list[db.AnyRow]]:
    """Yield all rows of a part, some at a time; each batch is a statement, in the unit that is in force by then."""
    after: tuple[Any, ...] | None = None
    while True:
        rows = list(_execute(part, client_id, _batch(part, after)))
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = tuple(getattr(rows[-1], name) for name in part.order)


def counts(client_id: UUID) -> dict[str, int]:
    """Return how many rows of each part a client has."""
    found = {}
    users = next(part for part in PARTS if part.is_users)
    found[users.name] = UserDirectory(client_id).count()
    parts = [
        select(literal(part.name).label("name"), func.count().label("rows"))
        .select_from(part.table)
        .where(part.table.c.client_id == client_id)
        for part in PARTS
        if not part.is_users
    ]
    for row in db.execute(union_all(*parts)):
        found[row.name] = row.rows
    return found


def has_seeds(client_id: UUID) -> bool:
    """Return whether a user of a client has an authenticator app."""
    query = select(totp_factors.c.user_id).where(totp_factors.c.client_id == client_id).limit(1)
    return db.execute(query).first() is not None


def _batch(part: Part, after: tuple[Any, ...] | None) -> Select[*tuple[Any, ...]]:
    columns = [_in_order(part, name) for name in part.order]
    query = select(part.table).order_by(*columns).limit(BATCH)
    if not part.is_users:
        query = query.where(part.table.c.client_id == bindparam("client_id"))
    if after is None:
        return query
    position = [literal(value, column.type) for value, column in zip(after, columns, strict=True)]
    return query.where(tuple_(*columns) > tuple_(*position))


def _in_order(part: Part, name: str) -> ColumnElement[Any]:
    """Return a column to sort by: names come in the same order on every database, whatever its language."""
    column = part.table.c[name]
    return column.collate("C") if part.name == "roles" and db.is_postgresql() else column


def _execute(part: Part, client_id: UUID, query: Select[*tuple[Any, ...]]) -> db.Result:
    if part.is_users:
        return UserDirectory(client_id).execute(query)
    return db.execute(query, {"client_id": client_id})
