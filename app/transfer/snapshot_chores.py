"""Snapshots by themselves: each client that has changed, once in SNAPSHOT_INTERVAL, one after the other.

Each client has a time of its own within the interval, by its id, so that the work is spread over all of it. Not all
servers see each other's disks: where several run, SNAPSHOT_DIR is one that all share, or one server alone does chores.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from app.core import chores, clock, db
from app.core.actors import SystemActor
from app.core.errors import AppError
from app.core.settings import settings
from app.transfer import restoring, snapshot_queries, snapshots
from app.transfer.snapshot_models import SCHEDULED
from app.transfer.snapshot_queries import Candidate

TAKING, TIDYING = "snapshots", "snapshots, old ones"
_EVERY_SECONDS, _TIDY_EVERY_SECONDS = 300.0, 3_600.0
_AT_ONCE = 500
_LATE = timedelta(seconds=15)
"""So long may a change have been on its way into the database (idle_in_transaction_session_timeout) when a snapshot was
taken, and not be in it, although its audit row says that it came before."""
_LONGEST_PAUSE = 0.05
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_log = structlog.get_logger()


@chores.chore(TAKING, every=_EVERY_SECONDS, lane="snapshots")
def take_due() -> Iterator[int]:
    """Take a snapshot of each client that is due, one at each step; yield how many."""
    interval, last = settings().snapshot_interval, None
    if interval is None:
        return
    while True:
        with db.reading():
            found = snapshot_queries.candidates(last, limit=_AT_ONCE)
        for candidate in found:
            if is_due(candidate, interval=interval, now=clock.now()):
                yield _take(candidate.client_id)
        if len(found) < _AT_ONCE:
            return
        last = found[-1].client_id
        yield 0


@chores.chore(TIDYING, every=_TIDY_EVERY_SECONDS)
def tidy() -> Iterator[int]:
    """Delete what SNAPSHOT_KEEP lets go, and what killed processes have left; yield how much each batch had."""
    yield from snapshots.prune()
    yield from snapshots.sweep()
    yield from restoring.forget_old()


def in_words() -> str:
    """Return how snapshots are taken by themselves, as the settings say."""
    interval, kept = settings().snapshot_interval, settings().snapshot_keep
    if interval is None:
        return "None is taken by itself: SNAPSHOT_INTERVAL is not set."
    return f"Taken by itself every {interval} if something changed; kept: {kept} (SNAPSHOT_KEEP)."


def is_due(candidate: Candidate, *, interval: timedelta, now: datetime) -> bool:
    """Return whether a client's time has come since it was last kept, and something has happened to it since."""
    own = timedelta(seconds=candidate.client_id.int % int(interval.total_seconds()))
    came = now - (now - _EPOCH - own) % interval
    if candidate.taken_at is None:
        return candidate.created_at < came
    changed = candidate.active_at is not None and candidate.active_at > candidate.taken_at - _LATE
    return changed and candidate.taken_at < came


def _take(client_id: UUID) -> int:
    pace = _Pace()
    try:
        snapshots.take(SystemActor(), client_id, kind=SCHEDULED, progress=pace.rest)
    except (AppError, OSError) as wrong:
        # The next client's may go well: a full disk is told once for each.
        _log.warning("a snapshot could not be taken", client_id=str(client_id), error=wrong)
        return 0
    return 1


class _Pace:
    """Rests as long as it works: requests share this process."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def rest(self, _table: str, _rows: int) -> None:
        time.sleep(min(time.monotonic() - self._since, _LONGEST_PAUSE))
        self._since = time.monotonic()
