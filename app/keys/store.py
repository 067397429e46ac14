"""All SQL over keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, update

from app.core import db
from app.keys.models import Key
from app.keys.tables import keys

_KEY = [keys.c[name] for name in Key.__slots__]
_ADD = insert(keys)


def add(values: dict[str, Any]) -> None:
    """Add a key."""
    db.execute(_ADD, values)


def of_client(client_id: UUID, *, kind: str) -> list[Key]:
    """Return a client's keys of a kind, newest first."""
    query = select(*_KEY).where(keys.c.client_id == client_id, keys.c.kind == kind)
    return [Key(*row) for row in db.execute(query.order_by(keys.c.created_at.desc()))]


def end_all(client_id: UUID, *, kind: str, at: datetime, now: datetime) -> int:
    """End all live keys of a kind at a moment, which may be now; none is prolonged."""
    live = (
        keys.c.client_id == client_id,
        keys.c.kind == kind,
        keys.c.revoked_at.is_(None),
        or_(keys.c.expires_at.is_(None), keys.c.expires_at > at),
    )
    change = {"revoked_at": now} if at <= now else {"expires_at": at}
    return db.execute(update(keys).where(*live).values(**change)).rowcount


def delete_of_user(client_id: UUID, user_id: UUID) -> None:
    """Delete the keys of a user."""
    db.execute(delete(keys).where(keys.c.client_id == client_id, keys.c.user_id == user_id))


def owners(client_id: UUID) -> list[UUID]:
    """Return the users who own keys of a client."""
    query = select(keys.c.user_id).where(keys.c.client_id == client_id, keys.c.user_id.is_not(None))
    return list(db.execute(query.distinct()).scalars())
