"""All SQL over erasures, and over the rows of the client that is erased, in whatever central table they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, delete, exists, func, insert, literal, or_, select, text, tuple_, union_all, update
from sqlalchemy.sql.elements import ColumnElement

from app.core import clock, db
from app.erasure.models import Erasure
from app.erasure.tables import erasures
from app.extensions import metadata

IDEMPOTENCY = "idempotency_keys"
_FIRST = ("keys", "tokens", "sessions", "one_time_codes", "signing_keys")
"""What something can be done with goes before what it is done to."""
_OWNER = "clients"
_SHOWN = [column for column in erasures.c if column.name != "living_keys"]
"""The keys of a client may be many, and batch after batch reads the row."""


def add(values: dict[str, Any]) -> None:
    """Add an erasure, in place of an earlier one of the same client."""
    db.execute(delete(erasures).where(erasures.c.erased_client_id == values["erased_client_id"]))
    db.execute(insert(erasures), values)


def find(client_id: UUID, *, held: bool = False) -> Erasure | None:
    """Return the erasure of a client; `held` until the unit of work ends."""
    query = select(*_SHOWN).where(erasures.c.erased_client_id == client_id)
    return _erasure(db.execute(query.with_for_update() if held else query).one_or_none())


def begun() -> list[UUID]:
    """Return the clients that are being erased, the first one first."""
    query = select(erasures.c.erased_client_id).where(erasures.c.swept_at.is_(None), erasures.c.finished_at.is_(None))
    return list(db.execute(query.order_by(erasures.c.started_at)).scalars())


def unswept(*, finished_before: datetime) -> list[UUID]:
    """Return the clients that were erased before a moment, and whose stragglers nobody has looked for."""
    query = select(erasures.c.erased_client_id)
    return list(
        db.execute(query.where(erasures.c.swept_at.is_(None), erasures.c.finished_at < finished_before)).scalars()
    )


def change(client_id: UUID, **values: Any) -> None:
    """Change columns of an erasure."""
    db.execute(update(erasures).where(erasures.c.erased_client_id == client_id).values(**values))


def living_keys(client_id: UUID) -> dict[str, str | None]:
    """Return the keys of a client that are not revoked, by id, and when each ends."""
    keys = metadata.tables["keys"]
    query = select(keys.c.key_id, keys.c.expires_at).where(keys.c.client_id == client_id, keys.c.revoked_at.is_(None))
    return {str(row.key_id): row.expires_at and clock.rfc3339(row.expires_at) for row in db.execute(query)}


def kept_keys(client_id: UUID) -> dict[str, str | None]:
    """Return the same as it was when the client was erased."""
    query = select(erasures.c.living_keys).where(erasures.c.erased_client_id == client_id)
    found: dict[str, str | None] = db.execute(query).scalar_one()
    return found


def tables() -> list[Table]:
    """Return every central table with rows of clients, the clients' own excepted, in the order in which they go."""
    owned = [table for name, table in metadata.tables.items() if "client_id" in table.c and name != _OWNER]
    return sorted(owned, key=lambda table: (_FIRST.index(table.name) if table.name in _FIRST else 99, table.name))


def delete_some(table: Table, client_id: UUID, *, limit: int | None, unless_there: bool = False) -> int:
    """Delete rows of a client, so many at most; return how many went.

    `unless_there`: only if there is no such client.
    """
    wanted = [table.c.client_id == client_id, *([_is_gone(client_id)] if unless_there else [])]
    return _delete_some(table, wanted, limit)


def delete_calls(client_id: UUID, *, limit: int | None) -> int:
    """Delete what is kept of a client's calls with an Idempotency-Key, its registration too; return how many went."""
    return _delete_some(metadata.tables[IDEMPOTENCY], [_is_call_of(client_id)], limit)


def rows_left(client_id: UUID) -> dict[str, int]:
    """Return how many rows of a client are left, by table; tables without any are not named."""
    calls = metadata.tables[IDEMPOTENCY]
    parts = [(table, table.c.client_id == client_id) for table in [*tables(), metadata.tables[_OWNER]]]
    counts = [
        select(literal(table.name).label("name"), func.count().label("rows")).select_from(table).where(condition)
        for table, condition in [*parts, (calls, _is_call_of(client_id))]
    ]
    return {row.name: row.rows for row in db.execute(union_all(*counts)) if row.rows}


def has_users_table(client_id: UUID) -> bool:
    """Return whether a client's users table is there."""
    if db.is_postgresql():
        found = text("SELECT to_regclass(current_schema() || '.' || :name) IS NOT NULL")
    else:
        found = text("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = :name")
    return bool(db.execute(found, {"name": f"users_{client_id.hex}"}).scalar_one())


def _delete_some(table: Table, wanted: list[ColumnElement[bool]], limit: int | None) -> int:
    statement = delete(table)
    if limit is None:
        return db.execute(statement.where(*wanted)).rowcount
    key = tuple(table.primary_key)
    some = select(*key).where(*wanted).limit(limit)
    return db.execute(statement.where((key[0] if len(key) == 1 else tuple_(*key)).in_(some))).rowcount


def _is_gone(client_id: UUID) -> ColumnElement[bool]:
    owners = metadata.tables[_OWNER]
    return ~exists().where(owners.c.client_id == client_id)


def _is_call_of(client_id: UUID) -> ColumnElement[bool]:
    calls = metadata.tables[IDEMPOTENCY]
    made_it = and_(calls.c.outcome.is_not(None), calls.c.outcome["client_id"].as_string() == str(client_id))
    return or_(calls.c.scope.startswith(f"{client_id}|"), made_it)


def _erasure(row: db.AnyRow | None) -> Erasure | None:
    if row is None:
        return None
    values = row._asdict()
    return Erasure(client_id=values.pop("erased_client_id"), **values)
