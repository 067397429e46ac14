"""Counting clients' audit logs day by day, each row once, a little behind the present.

Each client's roll-up says until which moment it is counted, and moves on in the unit of work that adds what was found:
a kill in between counts nothing twice and nothing never. A row that is committed later than LAG after its timestamp is
missed at first; a day is counted anew once it is over, and is then final.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.core import clock, db
from app.statistics import queries, store
from app.statistics.models import DAYS, Beginning, Kept

LAG = timedelta(seconds=30)
"""Units of work take seconds at the most; what is younger may still be followed by something older."""
_SETTLED_AFTER = timedelta(hours=1)
_CLOCKS_APART = timedelta(seconds=2)
"""An id and a timestamp of the same row, at the most."""
_WINDOW = timedelta(seconds=60)
_AT_ONCE = 25
_DAYS_AT_ONCE = timedelta(days=5)
"""Of clients of whom nothing is counted yet: a statement has five seconds."""


def day_of(moment: datetime) -> str:
    """Return the day (UTC) that a moment is in, as it is kept."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def start_of(day: str) -> datetime:
    """Return the moment that a day begins at."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def days(now: datetime) -> list[str]:
    """Return the days that are told of, oldest first; the last is the one of `now`."""
    return [day_of(now - timedelta(days=back)) for back in reversed(range(DAYS))]


def first_day(now: datetime) -> str:
    """Return the oldest day that anybody asks for."""
    return days(now)[0]


def count_window() -> bool:
    """Count what all clients' audit logs say of the next minute in which one has grown; False if that was the last.

    Raises nothing where another process is quicker: that one has counted.
    """
    until_at_most = clock.now() - LAG
    with db.reading():
        before = store.looked_until()
        found = queries.next_audit_id(_first_id(before - _CLOCKS_APART)) if before is not None else None
    if before is None:
        with db.unit_of_work():
            store.begin_looking(until_at_most)
        return True
    # Ids are older than their rows' timestamps by a moment: what was just looked at is seen again, and is not new.
    start = max(before, _moment_of(found)) if found is not None else until_at_most
    if start >= until_at_most:
        return False
    until = min(until_at_most, start + _WINDOW)
    with db.unit_of_work():
        if store.look_on(before, until):
            _count_on(queries.clients_with_audit(_first_id(before - _CLOCKS_APART), _first_id(until)), until=until)
    return until < until_at_most


def begin_some() -> int:
    """Begin to keep something of clients of whom nothing is kept; return of how many."""
    with db.reading():
        found = queries.unknown_clients(_AT_ONCE * 10)
    if found:
        with db.unit_of_work():
            begin(found)
    return len(found)


def begin(client_ids: Sequence[UUID]) -> None:
    """Begin to keep something of clients, in the unit of work in force; settle() counts what is older than today."""
    now = clock.now()
    floor, today = start_of(first_day(now)), start_of(day_of(now))
    beginnings = []
    for client_id, first, older in queries.first_audit(client_ids, since=floor):
        start = start_of(day_of(min(first or today, today)))
        beginnings.append(Beginning(client_id, start, day_of(start - timedelta(days=1)), older))
    if beginnings:
        store.begin(beginnings, now=now)
        _count_on(
            [beginning.client_id for beginning in beginnings if beginning.counted_until == today], until=now - LAG
        )


def begin_with(client_id: UUID) -> None:
    """Begin to keep something of a client, and count all of it; outside any unit of work."""
    with db.unit_of_work():
        begin([client_id])
    while _is_unsettled(client_id):
        with db.unit_of_work():
            settle([client_id])


def _is_unsettled(client_id: UUID) -> bool:
    with db.reading():
        kept = store.find(client_id)
    return kept is not None and kept.settled_to < _last_final_day()


def settle_some() -> int:
    """Count days that have ended for some clients, which makes them final; return for how many."""
    day = _last_final_day()
    with db.reading():
        found = store.unsettled(day, limit=_AT_ONCE)
    if found:
        with db.unit_of_work():
            settle(found)
    return len(found)


def settle(client_ids: Sequence[UUID]) -> None:
    """Count what is not final of clients anew, in the unit of work in force.

    Of those of whom nothing of that is counted yet it is the next days alone: it may be called until all are settled.
    """
    final = _last_final_day()
    held = [kept for kept in store.hold(client_ids) if kept.settled_to < final]
    fresh = [kept for kept in held if kept.counted_until <= _after(kept.settled_to)]
    if fresh:
        to = min(final, day_of(_after(min(kept.settled_to for kept in fresh)) + _DAYS_AT_ONCE))
        _count_anew([kept for kept in fresh if kept.settled_to < to], to=to, final=final)
    counted = [kept for kept in held if kept not in fresh]
    if counted:
        _count_anew(counted, to=final, final=final)


def _count_anew(held: Sequence[Kept], *, to: str, final: str) -> None:
    now, ids = clock.now(), [kept.client_id for kept in held]
    until = now - LAG if to == final else _after(to)
    since = _after(min(kept.settled_to for kept in held))
    store.forget_unsettled(ids, oldest=first_day(now))
    store.add_days(queries.unsettled_days(ids, since=since, until=until))
    store.add_people(queries.people(ids, since=_after(to), until=until, counted=True))
    store.move_on(ids, until=until, rows=queries.uncounted_rows(until), settled_to=to)


def count_on(client_id: UUID) -> None:
    """Count what a client's audit log says since it was counted last, in the unit of work in force."""
    _count_on([client_id], until=clock.now() - LAG)


def _count_on(client_ids: Sequence[UUID], *, until: datetime) -> None:
    held = store.hold(client_ids, counted_before=until)
    if not held:
        return
    ids, since = [kept.client_id for kept in held], min(kept.counted_until for kept in held)
    store.add_days(queries.uncounted_days(ids, since=since, until=until))
    store.add_people(queries.people(ids, since=since, until=until, counted=False))
    store.count_people(ids, since=day_of(since))
    store.move_on(ids, until=until, rows=queries.uncounted_rows(until), settled_to=None)


def _after(day: str) -> datetime:
    return start_of(day) + timedelta(days=1)


def _last_final_day() -> str:
    return day_of(clock.now() - _SETTLED_AFTER - timedelta(days=1))


def _first_id(moment: datetime) -> UUID:
    """Return the lowest id of a moment: ids are UUIDv7, which begin with 48 bits of milliseconds (RFC 9562, 5.7)."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _moment_of(row_id: UUID) -> datetime:
    return datetime.fromtimestamp((row_id.int >> 80) / 1000, UTC)
