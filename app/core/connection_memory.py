"""Keeps connections to PostgreSQL light: one that has met too many users tables is closed when it comes back.

For as long as it lives, a server process of PostgreSQL remembers each table that it has touched, its indexes and its
policies (docs/benchmarks.md says how much), so a connection that lives on ends up with all clients in its memory. The
pool makes a fresh one when the next is asked for.
"""

from collections.abc import MutableMapping
from typing import Any

from sqlalchemy import Engine, event

_MET = "users_tables_met"


def met(info: MutableMapping[Any, Any], client: str) -> None:
    """Note that a connection, of which `info` is what the pool keeps beside it, touches a client's users table."""
    tables: set[str] = info.setdefault(_MET, set())
    tables.add(client)


def bound(engine: Engine, *, most: int) -> None:
    """Let connections of an engine meet this many users tables, and whatever more the last unit of work touched."""

    def close_if_heavy(_connection: object, record: Any) -> None:
        if len(record.info.get(_MET, ())) >= most:
            record.invalidate()

    event.listen(engine, "checkin", close_if_heavy)
