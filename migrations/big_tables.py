"""Indexes of big users tables on PostgreSQL: built beside the client's writers, before the table's turn comes.

An index built in a transaction keeps writers out while it reads the table, 0.1 s for some 100,000 users. One built
CONCURRENTLY keeps nobody out, but a run that is killed meanwhile leaves it invalid: the next begins by dropping those.
"""

from uuid import UUID

from psycopg2.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from migrations.users_steps import Step, made

BYTES = 4 << 20
"""From this size of its rows on a table is big: some 20,000 users, whose index takes about 20 ms."""
_PATIENCE = "30s"
"""How long to wait for the end of transactions that are older than an index; nobody waits behind us."""
_INVALID = text(
    "SELECT i.indexrelid::regclass::text AS name, substr(t.relname, 7) AS digits FROM pg_index i"
    " JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = current_schema()::regnamespace"
    " WHERE NOT i.indisvalid AND t.relname ~ '^users_[0-9a-f]{32}$'"
)


def drop_invalid(engine: Engine) -> set[UUID]:
    """Drop the indexes that a killed run left unfinished; return the clients for whom that has to wait."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = connection.execute(_INVALID).all()
        return {
            UUID(hex=digits)
            for name, digits in found
            if not _done(connection, f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        }


def build_beside(engine: Engine, client_id: UUID, step: Step) -> bool:
    """Build the indexes of a step while others write; False if somebody is in the way for long."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        wanted = [made(client_id, *index, beside_writers=True) for index in step.indexes.items()]
        return all(_done(connection, statement) for statement in wanted)


def _done(connection: Connection, statement: str) -> bool:
    """Carry out a statement that waits for others' transactions; False if that took too long."""
    connection.exec_driver_sql(f"SET lock_timeout = '{_PATIENCE}'")
    connection.exec_driver_sql("SET statement_timeout = 0")
    try:
        connection.exec_driver_sql(statement)
    except OperationalError as busy:
        if not isinstance(busy.orig, (LockNotAvailable, DeadlockDetected)):
            raise
        return False
    return True
