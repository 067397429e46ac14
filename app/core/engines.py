"""The two engines: how each connects, and what SQLite needs to behave like a database."""

import json
import sqlite3
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from app.core import connection_memory
from app.core.connection_pool import PoolByClient
from app.core.settings import Settings, settings
from app.extensions import db

AUTOCOMMIT = "autocommit"
"""The second engine: reads, and on PostgreSQL units of work too (app.core.db frames them itself)."""
ASIDE = "aside"
"""The third: as the second, but each connection is made when it is needed and closed after. For what takes long, which
would keep one of the pool's few from everybody else.
"""
POOL_WAIT_SECONDS = 2
SQLITE_WAIT_SECONDS = 5
SESSION = {
    "statement_timeout": "5000",
    "lock_timeout": "3000",
    "idle_in_transaction_session_timeout": "15000",
    # Requests look rows up by key: comparing join orders and compiling plans would cost more than the look-up.
    "jit": "off",
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    # What proves a remembered key (app.keys.queries) reads twice in one trip, the second time anew.
    "default_transaction_isolation": "read committed",
    "timezone": "UTC",
}
"""What a session of PostgreSQL runs with: asked for by each connection, and the serving role's defaults where a pooler
in between drops that (migrations/session_defaults.py).
"""


def engine_options(chosen: Settings, url: str) -> dict[str, Any]:
    """Return the options of both engines: as many connections as threads, short waits, no surprises."""
    options: dict[str, Any] = {
        "url": url,
        "pool_size": chosen.threads,
        "max_overflow": 0,
        "pool_timeout": POOL_WAIT_SECONDS,
        "pool_recycle": 1800,
        # What is not JSON (NaN, Infinity) is never stored; bodies that hold it are refused long before.
        "json_serializer": partial(json.dumps, allow_nan=False),
    }
    if chosen.is_sqlite:
        return options | {"connect_args": {"timeout": SQLITE_WAIT_SECONDS, "isolation_level": None}}
    given = " ".join("-c " + f"{name}={value}".replace(" ", "\\ ") for name, value in SESSION.items())
    connect_args = {"options": given, "connect_timeout": 2, "application_name": "rowlock"}
    # What is about no client in particular takes the connection that was used last: its caches are warm.
    return options | {"connect_args": connect_args, "poolclass": PoolByClient, "pool_use_lifo": True}


def further_engines(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the options of the second engine and the third, by name."""
    second = {**options, "isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    of_pool = ("pool_size", "max_overflow", "pool_timeout", "pool_recycle", "pool_use_lifo")
    return {
        AUTOCOMMIT: second,
        ASIDE: {name: value for name, value in second.items() if name not in of_pool} | {"poolclass": NullPool},
    }


def prepare_engines() -> None:
    """Hang on all engines what SQLite needs, or what keeps PostgreSQL light; needs an application context."""
    for engine in db.engines.values():
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _sqlite_pragmas)
        else:
            connection_memory.bound(engine, most=settings().connection_clients)
    if db.engine.dialect.name == "sqlite":
        event.listen(db.engine, "begin", _begin_immediate)


def _sqlite_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # With the driver's own transactions off, DDL is inside ours too: a crash leaves no orphan table.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
