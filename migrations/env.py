"""How `flask db …` runs: one migrator at a time; central tables, then the platform client, then every users table.

Alembic looks at the central tables only: users tables are versioned row by row (users_tables.py).
"""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from typing import Literal

from alembic import context
from flask import current_app, g
from sqlalchemy import Column, Engine, create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from app.core.db import UtcDateTime
from app.core.settings import settings
from app.extensions import db, metadata
from app.onboarding import boot, failures, platform, readiness, table_versions
from migrations import isolation, mending, session_defaults, users_tables

_SEARCHED_BY = ("ix_clients_client_name_prefix", "ix_clients_slug_prefix")


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the clients' own tables out of autogenerate, and what PostgreSQL alone has to search clients by."""
    return not ((kind == "table" and (name or "").startswith("users_")) or (kind == "index" and name in _SEARCHED_BY))


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column type as plain SQLAlchemy: migrations import nothing of the app."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations under the lock; an upgrade then brings rights, users tables and the platform to them."""
    engine = _engine()
    with _only_one(engine):
        with engine.connect() as connection:
            _migrate(connection, engine)
            newest = _is_upgrade() and set(context.get_context().get_current_heads()) == readiness.newest()
            if newest and not settings().is_sqlite:
                isolation.install(connection)
            connection.commit()
        wish = users_tables.Wish(g.get("canary"), g.get("pause", 0.0))
        if newest:
            _bring_up(engine, wish)
        elif wish.canary is not None:
            raise users_tables.Unfinished("--canary goes with the newest revision; no users table was changed.")


def _bring_up(engine: Engine, wish: users_tables.Wish) -> None:
    """Bring everything up to the central tables that the migrations do not know of."""
    if not settings().is_sqlite:
        session_defaults.keep(db.engine)
    boot.keep_check_value()
    platform.ensure()
    if not settings().is_sqlite:
        mending.mend_all(engine)  # before the steps: a table of an older version is served meanwhile
    users_tables.upgrade_all(engine, wish)


def _engine() -> Engine:
    if not _two_roles():
        return db.engine
    return create_engine(settings().migration_database_url, poolclass=NullPool)


def _two_roles() -> bool:
    chosen = settings()
    return not chosen.is_sqlite and chosen.migration_database_url != chosen.database_url


def _is_upgrade() -> bool:
    """Whether this is `flask db upgrade`, the only command that makes anything beside the central tables."""
    return getattr(context.get_context().opts.get("fn"), "__name__", "") == "upgrade"


def _migrate(connection: Connection, engine: Engine) -> None:
    if connection.dialect.name == "postgresql":
        # A migration may take its time over data, but never queues for long behind a lock that requests wait on too.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '3s'"))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=include_name,
        render_item=render_item,
        render_as_batch=True,
        compare_type=_differs,
        transactional_ddl=True,
        process_revision_directives=current_app.extensions["migrate"].configure_args.get("process_revision_directives"),
    )
    if _is_upgrade() and not settings().is_sqlite:
        isolation.prepare(engine)
    if _is_upgrade() and context.get_context().get_current_heads():
        boot.check()
    with context.begin_transaction():
        context.run_migrations()


def _differs(
    _context: object, _inspected: object, column: Column[object], found: object, declared: object
) -> bool | None:
    return False if isinstance(declared, UtcDateTime) else None


@contextlib.contextmanager
def _only_one(engine: Engine) -> Iterator[None]:
    """Hold the migration lock of this database; whoever comes second waits, then finds nothing left to do."""
    if engine.dialect.name == "sqlite":
        descriptor = os.open(table_versions.lock_path(), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
        return
    # On a connection of its own, outside the pool: the pool may be as small as one, and its sessions wait 3 s at most.
    # In a transaction: a pooler would take the connection, and the lock with it, to somebody else after the statement.
    with create_engine(engine.url, poolclass=NullPool).connect() as holder:
        for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            holder.execute(text(f"SET LOCAL {limit} = 0"))
        holder.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": table_versions.UPGRADE_LOCK})
        yield


try:
    run()
except (*failures.FAILURES, users_tables.Unfinished) as error:
    sys.exit(f"Error: {failures.in_words(error)}")
