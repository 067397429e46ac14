"""How many clients SQLite is made for, and what is said beyond.

Every new table makes each other connection of SQLite read the whole schema again: 6 ms at 1,000 clients, 270 ms at
10,000 (docs/benchmarks.md). Nothing is refused.
"""

import structlog

from app.clients import store
from app.core import db

MOST_ON_SQLITE = 1_000
ADVICE = "SQLite is made for 1,000 clients, and every further one makes it slower: move to PostgreSQL (README, Scale)."
_log = structlog.get_logger()


def is_exceeded() -> bool:
    """Return whether SQLite has more clients than it is made for, the platform not counted; in the unit in force."""
    return not db.is_postgresql() and store.count(most=MOST_ON_SQLITE + 1) > MOST_ON_SQLITE


def warn() -> None:
    """Say so in the log."""
    if is_exceeded():
        _log.warning("more clients than SQLite is made for", advice=ADVICE)
