"""All SQL over clients."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.clients.models import BY_NAME, BY_STORAGE, PLATFORM_SLUG, PROBE_SLUGS, Client
from app.clients.tables import client_sizes, clients
from app.core import db

_ONE = select(clients).where(clients.c.client_id == bindparam("client_id"))
LOCK_SPACE, ALL_CLIENTS = 0x524C, 0
"""PostgreSQL's advisory locks that say that a client is being changed: the hash of its id, or one for all at once."""
_BY_SLUG = select(clients).where(clients.c.slug == bindparam("slug"))


def add(values: dict[str, Any]) -> bool:
    """Add a row; False if its slug is taken."""
    dialect = postgresql if db.is_postgresql() else sqlite
    statement = dialect.insert(clients).values(**values).on_conflict_do_nothing(index_elements=[clients.c.slug])
    return db.execute(statement).rowcount == 1


def find(client_id: UUID) -> Client | None:
    """Return the client with an id."""
    return _client(db.execute(_ONE, {"client_id": client_id}).one_or_none())


def count(*, most: int) -> int:
    """Return how many clients there are beside the platform, counting no further than `most`."""
    some = select(clients.c.client_id).where(clients.c.slug != PLATFORM_SLUG).limit(most).subquery()
    return int(db.execute(select(func.count()).select_from(some)).scalar_one())


def find_by_slug(slug: str) -> Client | None:
    """Return the client with a slug."""
    return _client(db.execute(_BY_SLUG, {"slug": slug}).one_or_none())


def slugs(client_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the slugs of the clients with these ids."""
    query = select(clients.c.client_id, clients.c.slug).where(clients.c.client_id.in_(list(client_ids)))
    return {row.client_id: row.slug for row in db.execute(query)}


def lock(client_id: UUID) -> Client | None:
    """Return the client and hold its row until the unit of work ends (on SQLite the unit itself does)."""
    return _client(db.execute(_ONE.with_for_update(), {"client_id": client_id}).one_or_none())


def change(client_id: UUID, values: dict[str, Any]) -> Client | None:
    """Change columns of a client, and its version with them; None if there is no such client."""
    statement = (
        update(clients)
        .where(clients.c.client_id == client_id)
        .values(**values, version=clients.c.version + 1)
        .returning(*clients.c)
    )
    return _client(db.execute(statement).one_or_none())


def remove(client_id: UUID) -> None:
    """Delete a client's row."""
    db.execute(delete(clients).where(clients.c.client_id == client_id))


def touch(client_id: UUID) -> None:
    """Move the version of a client, because its keys have changed."""
    statement = update(clients).where(clients.c.client_id == client_id)
    db.execute(statement.values(version=clients.c.version + 1))


def touch_tier(tier: str) -> list[UUID]:
    """Move the version of all clients of a tier; return which they are."""
    statement = update(clients).where(clients.c.tier == tier).values(version=clients.c.version + 1)
    return list(db.execute(statement.returning(clients.c.client_id)).scalars())


def hold_changing(client_id: UUID | None) -> None:
    """Hold the lock that says that a client, or (None) many, are being changed, until the unit of work ends.

    For many clients one lock stands for all: the server has room for some thousand.
    """
    number = ALL_CLIENTS if client_id is None else func.hashtext(str(client_id))
    db.execute(select(func.pg_advisory_xact_lock(LOCK_SPACE, number)))


def page(conditions: Sequence[ColumnElement[bool]], sort: str, *, limit: int) -> list[Client]:
    """Return clients that match, in an order."""
    query = select(clients).where(*conditions).order_by(*_order_by(sort)).limit(limit)
    if sort == BY_STORAGE:
        query = query.outerjoin(client_sizes, client_sizes.c.client_id == clients.c.client_id)
    return [client for row in db.execute(query) if (client := _client(row))]


def sizes(client_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the bytes that clients take, of those that have been measured."""
    query = select(client_sizes).where(client_sizes.c.client_id.in_(list(client_ids)))
    return {row.client_id: row.bytes for row in db.execute(query)}


def note_sizes(found: Mapping[UUID, int]) -> None:
    """Keep the bytes that clients take."""
    insert = postgresql.insert(client_sizes) if db.is_postgresql() else sqlite.insert(client_sizes)
    statement = insert.on_conflict_do_update(
        index_elements=[client_sizes.c.client_id], set_={"bytes": insert.excluded.bytes}
    )
    db.execute(statement, [{"client_id": client_id, "bytes": size} for client_id, size in found.items()])


def filters(*, status: str | None, tier: str | None, industry: str | None, q: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions of a list; `q` is a prefix of name or slug, whatever its case. Probes are never listed."""
    columns = clients.c
    wanted = {"status": status, "tier": tier, "industry": industry}
    conditions = [columns[name] == value for name, value in wanted.items() if value is not None]
    conditions.append(~columns.slug.startswith(PROBE_SLUGS))
    if q is not None:
        conditions.append(or_(*(_begins_with(columns[name], q) for name in ("client_name", "slug"))))
    return conditions


def _begins_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Return the condition that a text begins so, whatever its case; in the words of an index (migration 0018).

    The database folds both sides: one that knows only ASCII's capitals leaves the others alone on both.
    """
    escaped = prefix.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return func.lower(column).like(func.lower(f"{escaped}%"), escape="/")


def after(sort: str, value: Any, client_id: UUID) -> ColumnElement[bool]:
    """Return the condition for what follows a position: upwards by name, else newest or largest first."""
    column, upwards = _sorted_by(sort), sort == BY_NAME
    beyond = column > value if upwards else column < value
    same = clients.c.client_id > client_id if upwards else clients.c.client_id < client_id
    return or_(beyond, and_(column == value, same))


def _order_by(sort: str) -> list[ColumnElement[Any]]:
    """Return the order that `after` goes on in."""
    columns = (_sorted_by(sort), clients.c.client_id)
    return [column.asc() if sort == BY_NAME else column.desc() for column in columns]


def _sorted_by(sort: str) -> ColumnElement[Any]:
    by_storage = func.coalesce(client_sizes.c.bytes, 0)
    return {BY_NAME: clients.c.client_name, BY_STORAGE: by_storage}.get(sort, clients.c.created_at)


def _client(row: db.AnyRow | None) -> Client | None:
    if row is None:
        return None
    values = row._asdict()
    return Client(own_settings=values.pop("settings"), own_limits=values.pop("limits"), **values)


def count_by_schema_version() -> dict[int, int]:
    """Return how many clients' users tables have each version."""
    query = select(clients.c.users_schema_version, func.count()).group_by(clients.c.users_schema_version)
    return {row[0]: row[1] for row in db.execute(query.order_by(clients.c.users_schema_version))}


def behind(version: int, *, limit: int) -> list[Client]:
    """Return some clients whose users tables are older than a version, the oldest first."""
    query = select(clients).where(clients.c.users_schema_version < version)
    rows = db.execute(query.order_by(clients.c.users_schema_version, clients.c.slug).limit(limit))
    return [client for row in rows if (client := _client(row))]


def set_schema_version(client_id: UUID, version: int) -> None:
    """Note the version of a client's users table."""
    db.execute(update(clients).where(clients.c.client_id == client_id).values(users_schema_version=version))
