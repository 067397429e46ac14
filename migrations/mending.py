"""Brings back what keeps users tables their clients' own, wherever somebody has changed it since (PostgreSQL).

Each table is mended in a transaction of its own, so nobody waits for long; a table that is held comes again later.
"""

import time
from collections.abc import Iterator
from uuid import UUID

from psycopg2.errors import DeadlockDetected, LockNotAvailable, UndefinedTable
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.onboarding.terminal import out
from migrations import isolation, protection
from migrations.users_tables import Unfinished

_AT_ONCE = 1_000
"""Tables of one catalogue statement, and of one connection: one of PostgreSQL forgets no table that it has met."""
_NEXT = text(
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    " AND relname ~ '^users_[0-9a-f]{32}$' AND relname > :after ORDER BY relname LIMIT :most"
)
_LOCK_WAIT = "SET LOCAL lock_timeout = '40ms'"
_TRIES, _REST = 5, 0.1
_NAMED = 10


def mend_all(engine: Engine) -> None:
    """Mend every users table that is not protected as it should be, and say so. Raises Unfinished.

    The engine is the tables' owner's.
    """
    fresh, mended, held = create_engine(engine.url, poolclass=NullPool), 0, list[str]()
    for wrong in _wrong_ones(fresh):
        busy = _tried(fresh, wrong)
        mended += len(wrong) - len(busy)
        held += busy
    if mended:
        out.print(f"Users tables: policies or rights of {mended:,} were not as they must be; they are now.")
    if held:
        raise Unfinished(
            f"Policies or rights of {len(held):,} users tables are not as they must be, but somebody holds them:"
            f" {', '.join(held[:_NAMED])}{', …' if held[_NAMED:] else ''}. Some are not served until then:"
            " run `flask db upgrade` again once they are free."
        )


def _wrong_ones(engine: Engine) -> Iterator[list[str]]:
    after = ""
    while True:
        with engine.connect() as connection:
            names = list(connection.execute(_NEXT, {"after": after, "most": _AT_ONCE}).scalars())
            if not names:
                return
            wrong = [table.name for table in protection.found(connection, names) if _is_wrong(connection, table)]
        if wrong:
            yield wrong
        after = names[-1]


def _is_wrong(connection: Connection, table: protection.Found) -> bool:
    wanted = protection.of_users_table(_whose(table.name))
    return not table.is_own or bool(protection.mended(connection, table, wanted))


def _tried(engine: Engine, names: list[str]) -> list[str]:
    """Mend some tables; return those that were held by others each time."""
    for number in range(_TRIES):
        time.sleep(_REST * number)
        with engine.connect() as connection:
            names = [name for name in names if not _mended(connection, name)]
        if not names:
            break
    return names


def _mended(connection: Connection, name: str) -> bool:
    try:
        with connection.begin():
            connection.exec_driver_sql(_LOCK_WAIT)
            isolation.protect_users_table(connection, _whose(name))
    except DBAPIError as wrong:
        if isinstance(wrong.orig, (LockNotAvailable, DeadlockDetected, UndefinedTable)):
            return False
        raise
    return True


def _whose(name: str) -> UUID:
    return UUID(hex=name.removeprefix("users_"))
