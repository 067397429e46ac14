"""SQL over the installation as a whole."""

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app.core import db
from app.core.errors import NotMigrated
from app.onboarding.tables import installation

_NOT_LET_IN = ("22023", "42501")
"""PostgreSQL's answers to a role that is not there or may not be taken on: `flask db upgrade` has not made it yet."""


def ping() -> None:
    """Ask the database for nothing."""
    db.execute(select(1))


def revisions() -> set[str]:
    """Return the revisions of the central tables; none where nothing was ever migrated."""
    try:
        return set(db.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except (NotMigrated, DBAPIError) as wrong:
        if isinstance(wrong, DBAPIError) and getattr(wrong.orig, "pgcode", None) not in _NOT_LET_IN:
            raise
        return set()


def find(name: str) -> bytes | None:
    """Return a value."""
    value = db.execute(select(installation.c.value).where(installation.c.name == name)).scalar_one_or_none()
    return None if value is None else bytes(value)


def put(name: str, value: bytes) -> None:
    """Set a value."""
    changed = db.execute(update(installation).where(installation.c.name == name).values(value=value))
    if changed.rowcount == 0:
        db.execute(insert(installation).values(name=name, value=value))


def is_superuser() -> bool:
    """Return whether the service's database role passes over every permission or every policy (PostgreSQL)."""
    if not db.is_postgresql():
        return False
    return bool(
        db.execute(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")).scalar_one()
    )


def is_locked(number: int) -> bool:
    """Return whether somebody holds an advisory lock (PostgreSQL, which shows it in two halves)."""
    held = text(
        "SELECT 1 FROM pg_locks WHERE granted AND locktype = 'advisory' AND objsubid = 1 AND classid = :high"
        " AND objid = :low AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return db.execute(held, {"high": number >> 32, "low": number & 0xFFFFFFFF}).first() is not None
