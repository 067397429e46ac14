"""SQL over the installation as a whole."""

from sqlalchemy import insert, select, text, update

from app.core import db
from app.core.errors import NotMigrated
from app.onboarding.tables import installation


def ping() -> None:
    """Ask the database for nothing."""
    db.execute(select(1))


def revisions() -> set[str]:
    """Return the revisions of the central tables; none where nothing was ever migrated."""
    try:
        return set(db.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except NotMigrated:
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
    """Return whether the service's database role passes over every permission (PostgreSQL)."""
    if not db.is_postgresql():
        return False
    return bool(db.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one())
