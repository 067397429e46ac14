"""Whether anything of a client's rows changes while others try to reach them."""

import hashlib
from uuid import UUID

from app.core import db, isolation
from app.isolation import queries

_MOVES_BY_ITSELF = frozenset(
    {"rate_limit_usage", "client_statistics", "client_days", "active_users", "client_sizes", "snapshots"}
)
"""What a client's own credential moves, whatever it is tried together with, and what background work keeps of it."""


def sums(client_id: UUID) -> dict[str, str]:
    """Return a checksum of a client's rows by table, its users table under the name `users`."""
    with isolation.within(client_id), db.reading():
        rows = queries.rows_of(client_id, without=_MOVES_BY_ITSELF)
    return {name: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest() for name, lines in rows.items()}
