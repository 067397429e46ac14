"""What readiness asks: the database, its migrations, Redis."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from limits.errors import StorageError
from redis.exceptions import RedisError

from app.core import db
from app.core.errors import NotMigrated
from app.core.settings import settings
from app.extensions import limiter
from app.onboarding import store

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def database() -> str:
    """Ask the database for anything; raises TemporarilyUnavailable."""
    with db.reading():
        store.ping()
    return "ok"


def migrations() -> str:
    """Compare the database's revision with the newest one; raises NotMigrated and TemporarilyUnavailable."""
    with db.reading():
        current = store.revisions()
    if current != newest():
        raise NotMigrated()
    return "ok"


def redis() -> str:
    """Return `degraded` if Redis is configured and out of reach: limits are then counted in the process."""
    if settings().redis_url is None:
        return "ok"
    try:
        return "ok" if limiter.storage.check() else "degraded"
    except (RedisError, StorageError):
        return "degraded"


@cache
def newest() -> set[str]:
    """Return the newest revisions in migrations/."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return set(ScriptDirectory.from_config(config).get_heads())
