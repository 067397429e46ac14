"""All SQL over keys."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, delete, func, insert, literal, literal_column, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.core import db
from app.core.db import UtcDateTime
from app.core.lookup import Lookup
from app.keys.models import ACCESS, Key
from app.keys.tables import keys

_KEY = [keys.c[name] for name in Key.__slots__]
_ADD = insert(keys)
_SPEND = Lookup(
    update(keys)
    .where(
        keys.c.key_id == bindparam("the_key"),
        keys.c.counts_as.is_(None),
        keys.c.usage_count + bindparam("uses") <= keys.c.usage_limit,
    )
    .values(usage_count=keys.c.usage_count + bindparam("uses"), last_used_at=bindparam("now"))
    .returning(keys.c.usage_limit - keys.c.usage_count)
)
_BY_ID = Lookup(
    select(*_KEY).where(
        keys.c.client_id == bindparam("client_id"),
        keys.c.key_id == bindparam("key_id"),
        keys.c.kind != literal_column("'access'"),
    )
)


def add(values: dict[str, Any]) -> None:
    """Add a key."""
    db.execute(_ADD, values)


def find(client_id: UUID, key_id: UUID, *, owner: UUID | None = None, lock: bool = False) -> Key | None:
    """Return an API key of a client (of a user, if one is named), never its access key; hold its row if asked to."""
    if owner is None and not lock:
        found = _BY_ID.one({"client_id": client_id, "key_id": key_id})
        return None if found is None else Key(*found)
    query = select(*_KEY).where(*_api_keys(client_id), keys.c.key_id == key_id)
    query = query if owner is None else query.where(keys.c.user_id == owner)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else Key(*row)


def page(
    client_id: UUID,
    *,
    owner: UUID | None,
    kind: str | None,
    ids: Sequence[UUID] | None,
    active_at: datetime | None,
    before: UUID | None,
    limit: int,
) -> list[Key]:
    """Return API keys of a client, newest first; `active_at` leaves out what is revoked or expired at a moment."""
    query = select(*_KEY).where(*_api_keys(client_id))
    query = query if owner is None else query.where(keys.c.user_id == owner)
    query = query if kind is None else query.where(keys.c.kind == kind)
    query = query if ids is None else query.where(keys.c.key_id.in_(ids))
    query = query if active_at is None else query.where(*_live(active_at))
    query = query if before is None else query.where(keys.c.key_id < before)
    return [Key(*row) for row in db.execute(query.order_by(keys.c.key_id.desc()).limit(limit))]


def change(key_id: UUID, values: dict[str, Any]) -> Key | None:
    """Change columns of a key."""
    row = db.execute(update(keys).where(keys.c.key_id == key_id).values(**values).returning(*_KEY)).one_or_none()
    return None if row is None else Key(*row)


def remove(key_id: UUID) -> None:
    """Delete a key."""
    db.execute(delete(keys).where(keys.c.key_id == key_id))


def of_client(client_id: UUID, *, kind: str) -> list[Key]:
    """Return a client's keys of a kind, newest first."""
    query = select(*_KEY).where(keys.c.client_id == client_id, keys.c.kind == kind)
    return [Key(*row) for row in db.execute(query.order_by(keys.c.created_at.desc()))]


def end_all(client_id: UUID, *, kind: str, at: datetime, now: datetime) -> int:
    """End all live keys of a kind at a moment, which may be now; none is prolonged."""
    live = (keys.c.client_id == client_id, keys.c.kind == kind, *_live(at))
    change = {"revoked_at": now} if at <= now else {"expires_at": at}
    _hold(*live)
    return db.execute(update(keys).where(*live).values(**change)).rowcount


def end_of_user(client_id: UUID, user_id: UUID, *, now: datetime) -> int:
    """Revoke the live keys of a user; return how many there were."""
    live = (keys.c.client_id == client_id, keys.c.user_id == user_id, *_live(now))
    _hold(*live)
    return db.execute(update(keys).where(*live).values(revoked_at=now)).rowcount


def delete_of_user(client_id: UUID, user_id: UUID) -> int:
    """Delete the keys of a user; return how many there were."""
    of_user = keys.c.client_id == client_id, keys.c.user_id == user_id
    _hold(*of_user)
    return db.execute(delete(keys).where(*of_user)).rowcount


def hand_back(key: Key) -> None:
    """Let the key that counts in another's quota go on in that of its successor, or take quota and limits back."""
    values: dict[str, Any] = {"counts_as": key.counts_as}
    if key.counts_as is None:
        values |= {name: getattr(key, name) for name in ("usage_count", "usage_limit", "rate_limit")}
    db.execute(update(keys).where(keys.c.counts_as == key.key_id).values(**values))


def count_of_user(client_id: UUID, user_id: UUID, *, at: datetime) -> int:
    """Return how many of a user's keys are in use at a moment."""
    query = select(func.count()).where(keys.c.client_id == client_id, keys.c.user_id == user_id, *_live(at))
    return int(db.execute(query).scalar_one())


def owners(client_id: UUID) -> list[UUID]:
    """Return the users who own keys of a client."""
    query = select(keys.c.user_id).where(keys.c.client_id == client_id, keys.c.user_id.is_not(None))
    return list(db.execute(query.distinct()).scalars())


def spend(key_id: UUID, uses: int, *, now: datetime) -> int | None:
    """Count uses unless the quota does not hold so many; return what is left, None if nothing was counted."""
    with db.alone():
        row = _SPEND.one({"the_key": key_id, "uses": uses, "now": now})
        return None if row is None else int(row[0])


def quota_of(key_id: UUID) -> tuple[int | None, UUID | None] | None:
    """Return what is left of a key's quota (None = it has none) and the key that has taken it over, if one has."""
    left = keys.c.usage_limit - keys.c.usage_count
    row = db.execute(select(left, keys.c.counts_as).where(keys.c.key_id == key_id)).one_or_none()
    return None if row is None else (row[0], row[1])


def hand_over(old: UUID, new: UUID) -> None:
    """Let a key count in the quota of another from now on; what counted as it before follows by way of it."""
    db.execute(update(keys).where(keys.c.key_id == old).values(counts_as=new))


def add_uses(uses: Sequence[tuple[UUID, int, datetime]]) -> None:
    """Add uses of keys, and when each was last used; of one that was rotated meanwhile, its successor gets the uses."""
    found = select(keys.c.key_id, keys.c.counts_as).where(keys.c.key_id.in_([key_id for key_id, _, _ in uses]))
    successors = {row[0]: row[1] for row in db.execute(found) if row[1] is not None}
    counts: Counter[UUID] = Counter()
    for key_id, count, _ in uses:
        counts[successors.get(key_id, key_id)] += count
    ids = sorted(counts.keys() | successors.keys())
    _hold(keys.c.key_id.in_(ids))
    moments = case({key_id: literal(moment, UtcDateTime) for key_id, _, moment in uses}, value=keys.c.key_id)
    later = case((keys.c.last_used_at > moments, keys.c.last_used_at), else_=moments)
    more = case(dict(counts), value=keys.c.key_id, else_=0)
    values = {"usage_count": keys.c.usage_count + more, "last_used_at": func.coalesce(later, keys.c.last_used_at)}
    db.execute(update(keys).where(keys.c.key_id.in_(ids)).values(**values))


def _hold(*which: ColumnElement[bool]) -> None:
    """Hold keys in the order of their ids, so that two who change several cannot wait for each other in a circle."""
    db.execute(select(keys.c.key_id).where(*which).order_by(keys.c.key_id).with_for_update())


def _api_keys(client_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return keys.c.client_id == client_id, keys.c.kind != ACCESS


def _live(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return keys.c.revoked_at.is_(None), or_(keys.c.expires_at.is_(None), keys.c.expires_at > at)
