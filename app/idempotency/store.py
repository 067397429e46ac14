"""All SQL over idempotency_keys."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core import db
from app.idempotency.tables import idempotency_keys as keys


def try_lock(scope: str, key_digest: bytes) -> bool:
    """Return whether nobody else is carrying out this call; on SQLite the unit of work itself sees to that."""
    if not db.is_postgresql():
        return True
    number = int.from_bytes(key_digest[:8], "big", signed=True)
    return bool(db.execute(select(func.pg_try_advisory_xact_lock(number))).scalar_one())


def claim(scope: str, key_digest: bytes, fingerprint: bytes, *, now: datetime, forgotten: datetime) -> bool:
    """Add the row, or take one over that is past its time; False if there is a younger one."""
    dialect = postgresql if db.is_postgresql() else sqlite
    values = {"fingerprint": fingerprint, "created_at": now, "outcome": None}
    statement = dialect.insert(keys).values(scope=scope, key_digest=key_digest, **values)
    unless_young = statement.on_conflict_do_update(
        index_elements=[keys.c.scope, keys.c.key_digest], set_=values, where=keys.c.created_at < forgotten
    )
    return db.execute(unless_young).rowcount == 1


def find(scope: str, key_digest: bytes) -> db.AnyRow | None:
    """Return fingerprint and outcome of an earlier call."""
    query = select(keys.c.fingerprint, keys.c.outcome)
    return db.execute(query.where(keys.c.scope == scope, keys.c.key_digest == key_digest)).one_or_none()


def finish(scope: str, key_digest: bytes, outcome: dict[str, str]) -> None:
    """Keep the ids that the call made."""
    where = (keys.c.scope == scope, keys.c.key_digest == key_digest)
    db.execute(update(keys).where(*where).values(outcome=outcome))


def forget(scope: str, key_digest: bytes) -> None:
    """Delete a row."""
    db.execute(delete(keys).where(keys.c.scope == scope, keys.c.key_digest == key_digest))


def forget_older(than: datetime, *, limit: int) -> None:
    """Delete some rows past their time."""
    old = select(keys.c.scope, keys.c.key_digest).where(keys.c.created_at < than).limit(limit).subquery()
    db.execute(delete(keys).where(keys.c.created_at < than, keys.c.key_digest.in_(select(old.c.key_digest))))
