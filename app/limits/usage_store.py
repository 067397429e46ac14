"""All SQL over rate_limit_usage."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Insert, and_, bindparam, delete, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from app.core import db
from app.core.presence import client_is_there
from app.limits.usage_tables import rate_limit_usage as usage

HOUR, DAY = "hour", "day"
Row = tuple[UUID, UUID, str, datetime, int, int]
"""Client, key, period, its beginning, requests, refusals."""
_AT_ONCE = 500
_NAMES = tuple(column.name for column in usage.c)
_KEY = tuple(usage.primary_key)


def _adding(insert: postgresql.Insert | sqlite.Insert) -> Insert:
    sums = {name: usage.c[name] + insert.excluded[name] for name in ("requests", "refusals")}
    return insert.on_conflict_do_update(index_elements=_KEY, set_=sums)


# One statement whatever the number of rows, compiled once: rows as VALUES take SQLAlchemy 40 ms for 500 to compile, and
# the driver would send each in a round trip of its own.
_ARRAYS = [
    func.unnest(bindparam(column.name, type_=postgresql.ARRAY(column.type))).label(column.name) for column in usage.c
]
_LISTED = select(*_ARRAYS).subquery()
_ONE = [bindparam(column.name, type_=column.type) for column in usage.c]
# A client may have been erased since its calls were counted.
_OF_THOSE_THERE = select(*_LISTED.c).where(client_is_there(_LISTED.c.client_id))
_IF_THERE = select(*_ONE).where(client_is_there(_ONE[0]))
_ADD_ON_POSTGRESQL = _adding(postgresql.insert(usage).from_select(_NAMES, _OF_THOSE_THERE))
_ADD_ON_SQLITE = _adding(sqlite.insert(usage).from_select(_NAMES, _IF_THERE))
_SINCE = (
    select(usage.c.period, usage.c.started_at, usage.c.requests, usage.c.refusals)
    .where(usage.c.client_id == bindparam("client_id"), usage.c.key_id == bindparam("key_id"))
    .where(
        or_(
            and_(usage.c.period == HOUR, usage.c.started_at >= bindparam("first_hour")),
            and_(usage.c.period == DAY, usage.c.started_at >= bindparam("first_day")),
        )
    )
)


def add(rows: Sequence[Row]) -> None:
    """Add to the sums of periods, beginning those that are new; rows in the order given, which must not vary."""
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        if db.is_postgresql():
            db.execute(_ADD_ON_POSTGRESQL, dict(zip(_NAMES, map(list, zip(*part, strict=True)), strict=True)))
        else:
            db.execute(_ADD_ON_SQLITE, [dict(zip(_NAMES, row, strict=True)) for row in part])


def since(
    client_id: UUID, key_id: UUID, *, first_hour: datetime, first_day: datetime
) -> dict[tuple[str, datetime], tuple[int, int]]:
    """Return requests and refusals by period and its beginning."""
    given = {"client_id": client_id, "key_id": key_id, "first_hour": first_hour, "first_day": first_day}
    rows = db.execute(_SINCE, given)
    return {(row.period, row.started_at): (row.requests, row.refusals) for row in rows}


def prune(*, hours_before: datetime, days_before: datetime, limit: int) -> int:
    """Delete some rows of hours and days that began before these moments; return how many."""
    hours = and_(usage.c.period == HOUR, usage.c.started_at < hours_before)
    days = and_(usage.c.period == DAY, usage.c.started_at < days_before)
    # Two processes that prune at once take different rows.
    old = select(*_KEY).where(or_(hours, days)).limit(limit).with_for_update(skip_locked=True)
    return db.execute(delete(usage).where(tuple_(*_KEY).in_(old))).rowcount
