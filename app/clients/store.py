"""All SQL over clients."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.clients.models import Client
from app.clients.tables import clients
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


def page(conditions: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]], *, limit: int) -> list[Client]:
    """Return clients that match, in an order."""
    rows = db.execute(select(clients).where(*conditions).order_by(*order).limit(limit))
    return [client for row in rows if (client := _client(row))]


def filters(*, status: str | None, tier: str | None, industry: str | None, q: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions of a list; `q` is a prefix of name or slug, whatever its case."""
    columns = clients.c
    wanted = {"status": status, "tier": tier, "industry": industry}
    conditions = [columns[name] == value for name, value in wanted.items() if value is not None]
    if q is not None:
        # The database folds both sides: one that knows only ASCII's capitals leaves the others alone on both.
        conditions.append(
            columns.client_name.istartswith(q, autoescape=True) | columns.slug.istartswith(q, autoescape=True)
        )
    return conditions


def after(sort: str, value: Any, client_id: UUID) -> ColumnElement[bool]:
    """Return the condition for what follows a position: newest first by created_at, upwards by name."""
    column = clients.c.created_at if sort == "created_at" else clients.c.client_name
    beyond = column < value if sort == "created_at" else column > value
    same = clients.c.client_id < client_id if sort == "created_at" else clients.c.client_id > client_id
    return or_(beyond, and_(column == value, same))


def order_by(sort: str) -> list[ColumnElement[Any]]:
    """Return the order that `after` goes on in."""
    if sort == "created_at":
        return [clients.c.created_at.desc(), clients.c.client_id.desc()]
    return [clients.c.client_name.asc(), clients.c.client_id.asc()]


def _client(row: db.AnyRow | None) -> Client | None:
    if row is None:
        return None
    values = row._asdict()
    return Client(own_settings=values.pop("settings"), own_limits=values.pop("limits"), **values)


def claim_behind(version: int, *, limit: int) -> list[tuple[UUID, int]]:
    """Return some clients whose users table is older than a version and hold their rows; skip rows held elsewhere."""
    query = select(clients.c.client_id, clients.c.users_schema_version).where(clients.c.users_schema_version < version)
    rows = db.execute(query.order_by(clients.c.client_id).limit(limit).with_for_update(skip_locked=True))
    return [(row.client_id, row.users_schema_version) for row in rows]


def set_schema_version(client_id: UUID, version: int) -> None:
    """Note the version of a client's users table."""
    db.execute(update(clients).where(clients.c.client_id == client_id).values(users_schema_version=version))
