"""The usage series: how many calls were made and how many refused, by client and key, hour and day (UTC).

Calls are counted in memory and written in batches (`app.core.sums`), at most five seconds behind.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import TypedDict
from uuid import UUID

from app.core import background, clock, db, isolation
from app.core.isolation import Crossing
from app.core.settings import settings
from app.core.sums import Sums
from app.limits import usage_store as store
from app.limits.usage_store import DAY, HOUR, Row

CLIENT_ITSELF = UUID(int=0)
"""Stands for a key where the calls of the client as a whole are counted."""
_PRUNED_AT_ONCE = 1_000
_PRUNED_EVERY_SECONDS = 3600
_LENGTHS = {HOUR: timedelta(hours=1), DAY: timedelta(days=1)}
_next_pruning: dict[str, float] = {}


class Period(TypedDict):
    """What happened in one hour or day."""

    started_at: datetime
    requests: int
    refusals: int


class Series(TypedDict):
    """Hours and days, oldest first and without gaps; the last of each is the present one."""

    per_hour: list[Period]
    per_day: list[Period]


class Refusals(TypedDict):
    """How many calls one hour refused."""

    started_at: datetime
    refusals: int


def note(client_id: UUID, key_id: UUID | None, *, requests: int = 0, refusals: int = 0) -> None:
    """Count calls of a key, or of the client as a whole: a call that is to count for both is noted for each."""
    hour = int(clock.now().timestamp()) // 3600
    _sums.add((client_id, key_id or CLIENT_ITSELF, hour), [requests, refusals])


def flush() -> None:
    """Write what this process has noted; outside any unit of work. Raises what the database raises, and keeps it."""
    _sums.flush()


def series(client_id: UUID, key_id: UUID | None, *, hours: int = 48, days: int = 30) -> Series:
    """Return what was counted for a key, or for the client as a whole; outside any unit of work."""
    _sums.flush_if_possible()
    now = clock.now()
    starts = {HOUR: _starts(HOUR, now, hours), DAY: _starts(DAY, now, days)}
    with db.reading():
        found = store.since(client_id, key_id or CLIENT_ITSELF, first_hour=starts[HOUR][0], first_day=starts[DAY][0])
    told: dict[str, list[Period]] = {period: [] for period in starts}
    for period, moments in starts.items():
        for moment in moments:
            requests, refusals = found.get((period, moment), (0, 0))
            told[period].append({"started_at": moment, "requests": requests, "refusals": refusals})
    return {"per_hour": told[HOUR], "per_day": told[DAY]}


def refusals_per_hour(client_id: UUID, *, hours: int = 24) -> list[Refusals]:
    """Return how many of a client's calls were refused in each of the last hours, oldest first."""
    listed = series(client_id, None, hours=hours, days=1)["per_hour"]
    return [{"started_at": hour["started_at"], "refusals": hour["refusals"]} for hour in listed]


@isolation.across(Crossing.WORKER)
def prune() -> None:
    """Delete some of what is older than the settings keep, at most once an hour; the rest follows in further turns."""
    home = settings().database_url
    if time.monotonic() < _next_pruning.get(home, 0):
        return
    now, kept = clock.now(), settings()
    hours_before = now - timedelta(days=kept.usage_hourly_kept_days)
    days_before = now - timedelta(days=kept.usage_daily_kept_days)
    with db.unit_of_work():
        pruned = store.prune(hours_before=hours_before, days_before=days_before, limit=_PRUNED_AT_ONCE)
    if pruned < _PRUNED_AT_ONCE:
        _next_pruning[home] = time.monotonic() + _PRUNED_EVERY_SECONDS
    else:
        background.note_work()


def _starts(period: str, now: datetime, number: int) -> list[datetime]:
    """Return the beginnings of the last periods, oldest first."""
    last = now.replace(minute=0, second=0, microsecond=0)
    if period == DAY:
        last = last.replace(hour=0)
    return [last - step * _LENGTHS[period] for step in reversed(range(number))]


Bucket = tuple[UUID, UUID, int]
"""Client, key, and the hour as whole hours since 1970."""


def _merge(held: list[int], more: list[int]) -> None:
    held[0] += more[0]
    held[1] += more[1]


def _write(noted: dict[Bucket, list[int]]) -> None:
    """Add hours, and the days that they belong to."""
    sums: dict[tuple[UUID, UUID, str, datetime], list[int]] = {}
    for (client_id, key_id, hour), counted in noted.items():
        moment = datetime.fromtimestamp(hour * 3600, UTC)
        for period, started_at in ((HOUR, moment), (DAY, moment.replace(hour=0))):
            _merge(sums.setdefault((client_id, key_id, period, started_at), [0, 0]), counted)
    rows: list[Row] = [(*key, requests, refusals) for key, (requests, refusals) in sums.items()]
    store.add(sorted(rows))


_sums: Sums[Bucket, list[int]] = Sums("usage", merge=_merge, write=_write)
background.regularly(prune)
