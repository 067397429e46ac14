"""What a caller may know of a database driver's error: busy, full, taken, or nothing."""

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import Conflict, NotMigrated, StorageFull, TemporarilyUnavailable

_FULL = ("53100",)
_BUSY = ("57014", "55P03", "40001", "40P01", "25P03", "53200", "53300", "57P01", "57P02", "57P03")
_SQLITE_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
# SCHEMA: tables were made, twice over, while a statement was prepared.
_SQLITE_BUSY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_SCHEMA,
)


def is_missing_table(wrong: DBAPIError) -> bool:
    """Whether a statement named a table that is not there."""
    return getattr(wrong.orig, "pgcode", None) == "42P01" or "no such table" in str(wrong.orig)


def met_new_tables(wrong: DBAPIError) -> bool:
    """Whether SQLite gave a statement up because tables were made meanwhile; it may be sent again."""
    return getattr(wrong.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_SCHEMA


def translated(wrong: SQLAlchemyError) -> Exception:
    """Return the AppError that says it without SQL, or the error itself where it is a fault of ours.

    SQLSTATEs are PostgreSQL's (its manual, appendix A).
    """
    if isinstance(wrong, PoolTimeout):
        return TemporarilyUnavailable()
    if not isinstance(wrong, DBAPIError):
        return wrong
    cause, code = wrong.orig, getattr(wrong.orig, "pgcode", None)
    if isinstance(wrong, IntegrityError) and (code == "23505" or "UNIQUE" in str(cause)):
        return Conflict()
    if code in _FULL:
        return StorageFull()
    if wrong.connection_invalidated or code in _BUSY:
        return TemporarilyUnavailable()
    # Of PostgreSQL's message only the first line names the table; then comes the statement.
    if is_missing_table(wrong) and "users_" not in str(cause).partition("\n")[0]:
        return NotMigrated()
    if isinstance(cause, sqlite3.OperationalError):
        if cause.sqlite_errorcode & 0xFF in _SQLITE_FULL:
            return StorageFull()
        if cause.sqlite_errorcode & 0xFF in _SQLITE_BUSY:
            return TemporarilyUnavailable()
    if code is None and wrong.__class__.__name__ in ("OperationalError", "InterfaceError") and cause is not None:
        # psycopg2 gives no SQLSTATE where no server answered.
        return wrong if isinstance(cause, sqlite3.Error) else TemporarilyUnavailable()
    return wrong
