"""All SQL over login_throttles and tiers.

The throttle's times are Unix milliseconds, so that one statement serves both databases.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Case, case, delete, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.core import db
from app.limits.tables import login_throttles as throttles
from app.limits.tables import tiers as tiers_table


def reserve(client_id: UUID, subject: bytes, *, now: int, forgotten: int, delays: list[int]) -> bool:
    """Count an attempt unless the account is blocked; False if it is.

    `forgotten`: attempts last seen before it are void. `delays[n]`: the block that follows the attempt n + 1.
    """
    dialect = postgresql if db.is_postgresql() else sqlite
    statement = dialect.insert(throttles).values(
        client_id=client_id,
        subject=subject,
        attempts=1,
        last_ms=now,
        blocked_until_ms=0 if delays[0] == 0 else now + delays[0],
    )
    void = throttles.c.last_ms < forgotten
    attempts = case((void, 1), else_=throttles.c.attempts + 1)
    counted = statement.on_conflict_do_update(
        index_elements=[throttles.c.client_id, throttles.c.subject],
        set_={"attempts": attempts, "last_ms": now, "blocked_until_ms": _blocked(attempts, now, delays)},
        where=or_(void, throttles.c.blocked_until_ms <= now),
    )
    return db.execute(counted).rowcount == 1


def blocked_until(client_id: UUID, subject: bytes) -> int | None:
    """Return until when an account is blocked."""
    query = select(throttles.c.blocked_until_ms).where(*_one(client_id, subject))
    found: int | None = db.execute(query).scalar_one_or_none()
    return found


def hand_back(client_id: UUID, subject: bytes, *, free: int) -> None:
    """Take back an attempt that was never decided."""
    fewer = throttles.c.attempts - 1
    blocked = case((fewer < free, 0), else_=throttles.c.blocked_until_ms)
    db.execute(update(throttles).where(*_one(client_id, subject)).values(attempts=fewer, blocked_until_ms=blocked))


def clear(client_id: UUID, subject: bytes) -> None:
    """Forget an account's failures."""
    db.execute(delete(throttles).where(*_one(client_id, subject)))


def purge(*, before: int, limit: int) -> int:
    """Delete some rows last touched before a moment; return how many."""
    key = throttles.c.client_id, throttles.c.subject
    # Rows that others hold are left to them. Read first: PostgreSQL may carry a subquery of the DELETE out many times,
    # and with SKIP LOCKED each finds other rows.
    old = select(*key).where(throttles.c.last_ms < before).limit(limit).with_for_update(skip_locked=True)
    found = [tuple(row) for row in db.execute(old)]
    return db.execute(delete(throttles).where(tuple_(*key).in_(found))).rowcount if found else 0


def tiers() -> dict[str, dict[str, Any]]:
    """Return the limits of the tiers that operators have set, by name."""
    return {row.name: row.limits for row in db.execute(select(tiers_table.c.name, tiers_table.c.limits))}


def put_tier(name: str, limits: dict[str, Any], *, now: datetime) -> None:
    """Set the limits of a tier."""
    dialect = postgresql if db.is_postgresql() else sqlite
    change = {"limits": limits, "updated_at": now}
    statement = dialect.insert(tiers_table).values(name=name, **change)
    db.execute(statement.on_conflict_do_update(index_elements=[tiers_table.c.name], set_=change))


def _one(client_id: UUID, subject: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return throttles.c.client_id == client_id, throttles.c.subject == subject


def _blocked(attempts: ColumnElement[int], now: int, delays: list[int]) -> Case[int]:
    """Return until when an account is blocked: not at all after a free attempt, else another worker whose clock is a
    little behind would refuse the next one."""
    listed = {number + 1: 0 if delay == 0 else now + delay for number, delay in enumerate(delays)}
    return case(listed, value=attempts, else_=now + delays[-1])
