"""Deleting sessions that ended long ago, with their tokens."""

from datetime import timedelta

from app.clients.models import BOUNDS
from app.core import clock, db, isolation
from app.core.isolation import Crossing
from app.sessions import purge_store as store

KEPT = timedelta(days=1)
"""How long an ended session still tells a late refresh token that it is spent."""
_LONGEST_IDLE = timedelta(seconds=BOUNDS["session_idle_ttl"][1])
_SESSIONS_AT_ONCE = 200


@isolation.across(Crossing.WORKER)
def purge(*, limit: int) -> int:
    """Delete some sessions that ended over a day ago, in a unit of its own; return how many rows there were.

    A session has many tokens, spent ones too: these go first, up to `limit` at a time, and it goes with the last.
    """
    before = clock.now() - KEPT
    with db.reading():
        ended = store.ended(before=before, idle_since=before - _LONGEST_IDLE, limit=_SESSIONS_AT_ONCE)
    if not ended:
        return 0
    with db.unit_of_work():
        tokens = store.delete_tokens(ended, limit=limit)
        return tokens if tokens == limit else tokens + store.delete_sessions(ended)
