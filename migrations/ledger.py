"""What clients' rows say of their users tables: which version each has, and which are behind.

On PostgreSQL policies hold the owner of the tables to them too, so these statements run under the role that sees every
client, and the statements over users tables, which need their owner, do not.
"""

import contextlib
from collections.abc import Collection, Iterator
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Uuid,
    column,
    func,
    select,
    table,
    text,
    update,
)

from app.core.ids import parse_id
from app.core.isolation import ACROSS_ROLE
from migrations.isolation import CREATING

_clients = table(
    "clients", column("client_id", Uuid()), column("slug", String()), column("users_schema_version", Integer())
)
_TABLE = {
    "postgresql": text("to_regclass('users_' || replace(clients.client_id::text, '-', '')) IS NOT NULL"),
    "sqlite": text(
        "EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'users_' || clients.client_id)"
    ),
}
_BIG = text(
    "SELECT client_id, users_schema_version FROM clients WHERE users_schema_version < :target"
    " AND pg_relation_size(to_regclass('users_' || replace(client_id::text, '-', ''))) > :size"
    " AND (CAST(:only AS uuid) IS NULL OR client_id = :only) ORDER BY client_id"
)
_ADDING = text(
    "SELECT virtualtransaction FROM pg_locks WHERE granted AND pid <> pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (relation = to_regclass('clients') AND mode = 'RowExclusiveLock'"
    " OR locktype = 'advisory' AND classid = 0 AND objid = :creating)"
)


@contextlib.contextmanager
def across(connection: Connection) -> Iterator[None]:
    """Let the transaction in force see every client's row for a while."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql(f"SET LOCAL ROLE {ACROSS_ROLE}")
    yield
    connection.exec_driver_sql("RESET ROLE")  # an error leaves nothing to take back: the transaction is over


def claim(
    connection: Connection, target: int, *, after: UUID | None, only: UUID | None, without: Collection[UUID], limit: int
) -> list[tuple[UUID, int]]:
    """Return some clients whose tables are behind, with their versions, and hold their rows; skip rows held elsewhere.

    Rows that name a client, of a session for one, may still be added meanwhile.
    """
    query = _of(connection, target, only).with_only_columns(_clients.c.client_id, _clients.c.users_schema_version)
    if after is not None:
        query = query.where(_clients.c.client_id > after)
    if without:
        query = query.where(_clients.c.client_id.not_in(list(without)))
    query = query.order_by(_clients.c.client_id).limit(limit).with_for_update(skip_locked=True, key_share=True)
    with across(connection):
        return [(row.client_id, row.users_schema_version) for row in connection.execute(query)]


def record(connection: Connection, client_ids: Collection[UUID], version: int) -> None:
    """Note the version of some clients' tables."""
    statement = update(_clients).where(_clients.c.client_id.in_(list(client_ids)))
    with across(connection):
        connection.execute(statement.values(users_schema_version=version))


def behind(connection: Connection, target: int, *, only: UUID | None = None) -> int:
    """Return how many clients' tables are behind; a client without a table is the doctor's business."""
    with across(connection):
        query = _of(connection, target, only).with_only_columns(func.count())
        return int(connection.execute(query).scalar_one())


def slugs_behind(connection: Connection, target: int, *, only: UUID | None, limit: int) -> list[str]:
    """Return some clients whose tables are behind."""
    query = _of(connection, target, only).with_only_columns(_clients.c.slug).order_by(_clients.c.slug).limit(limit)
    with across(connection):
        return list(connection.execute(query).scalars())


def find(connection: Connection, named: str) -> tuple[UUID, str] | None:
    """Return the id and the slug of the client with an id or a slug."""
    client_id = parse_id(named)
    chosen = _clients.c.slug == named if client_id is None else _clients.c.client_id == client_id
    with across(connection):
        row = connection.execute(select(_clients.c.client_id, _clients.c.slug).where(chosen)).one_or_none()
    return None if row is None else (row.client_id, row.slug)


def with_big_tables(connection: Connection, target: int, *, only: UUID | None, size: int) -> list[tuple[UUID, int]]:
    """Return the clients behind whose tables take more bytes than that, with their versions (PostgreSQL)."""
    with across(connection):
        rows = connection.execute(_BIG, {"target": target, "size": size, "only": only})
        return [(row.client_id, row.users_schema_version) for row in rows]


def adding(connection: Connection) -> set[str]:
    """Return the transactions of this moment that may add a client or a users table (PostgreSQL)."""
    return set(connection.execute(_ADDING, {"creating": CREATING}).scalars())


def _of(connection: Connection, target: int, only: UUID | None) -> Select[tuple[object, ...]]:
    conditions: list[ColumnElement[bool]] = [_clients.c.users_schema_version < target]
    if only is not None:
        conditions.append(_clients.c.client_id == only)
    return select(_clients).where(*conditions, _TABLE[connection.dialect.name])
