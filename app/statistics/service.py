"""What statistics and storage say: rolled-up figures, brought up to date in the call only where nobody else does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.clients import service as clients
from app.core import chores, clock, db, isolation
from app.core.errors import AppError, ClientNotFound
from app.core.isolation import Crossing
from app.keys.models import PUBLISHABLE, SECRET
from app.limits import status, tiers, usage
from app.statistics import measuring, queries, rolling, store, totals
from app.statistics.models import DAYS, Activity, AllClients, Day, DayOfAll, Part, RollUp, Statistics, Storage

STALE = timedelta(minutes=5)
"""A server that does chores is a minute behind; where none does, a call measures its client after so long."""
_log = structlog.get_logger()


def of_client(client_id: UUID) -> Statistics:
    """Return a client's statistics: days up to now, the other figures as last measured. Raises ClientNotFound."""
    calls = usage.series(client_id, None, hours=1, days=DAYS)["per_day"]
    with db.reading():
        client = clients.require(client_id)
        limits = tiers.of_client(client)
    kept = _up_to_date(client_id)
    with db.reading():
        people = _activity(kept)
    return Statistics(
        per_day=[_day(call, people.get(rolling.day_of(call["started_at"]), Activity())) for call in calls],
        users=kept.users,
        users_by_role=kept.users_by_role,
        sessions=kept.sessions,
        keys={SECRET: kept.secret_keys, PUBLISHABLE: kept.publishable_keys},
        windows=status.windows_of(client, limits),
        measured_at=_measured_at(kept),
    )


def storage_of(client_id: UUID) -> Storage:
    """Return the room that a client takes, as last measured. Raises ClientNotFound."""
    with db.reading():
        clients.require(client_id)
    kept = _up_to_date(client_id)
    parts = sorted((Part(name, *size) for name, size in kept.parts.items()), key=lambda part: -part.bytes)
    return Storage(sum(part.bytes for part in parts), parts, _measured_at(kept))


@chores.chore("statistics", every=60.0)
def keep() -> Iterator[int]:
    """Count what is new in audit logs, settle days that are over, measure clients that changed, and sum it all up."""
    changed = 0
    while rolling.count_window():
        yield 1
    for work in (rolling.begin_some, rolling.settle_some, measuring.measure_some):
        while done := work():
            changed += done
            yield done
    with db.reading():
        before = store.installation()
    # Clients may have gone though nothing has grown.
    if changed or before is None or totals.is_older_than(before, STALE):
        totals.sum_up()
        yield 1


@isolation.across(Crossing.OPERATOR)
def of_all() -> AllClients:
    """Return the figures of all clients together, as last summed up."""
    with db.reading():
        kept = store.installation()
    if kept is None or totals.is_older_than(kept, STALE):
        kept = totals.sum_up()
    figures = dict(kept.figures)
    days = figures.pop("days")
    return AllClients(
        clients=sum(figures["clients_by_status"].values()),
        keys={SECRET: figures.pop("secret_keys"), PUBLISHABLE: figures.pop("publishable_keys")},
        per_day=[DayOfAll(rolling.start_of(day), *days.get(day, (0, 0, 0))) for day in rolling.days(clock.now())],
        **figures,
        measured_at=kept.measured_at,
    )


def forget(client_id: UUID) -> None:
    """Have a client whose rows were put in place from elsewhere counted and measured anew; in a unit of work."""
    store.forget(client_id)


def _up_to_date(client_id: UUID) -> RollUp:
    """Return what is kept of a client: measured now if it never was, or if it is stale and nobody does it."""
    with db.reading():
        kept = store.find(client_id)
        stale = kept is not None and _is_stale(kept)
    if kept is None or kept.measured_at is None:
        rolling.begin_with(client_id)
        measuring.measure([client_id])
    elif stale:
        _try_to_refresh(client_id)
    else:
        return kept
    with db.reading():
        kept = store.find(client_id)
    if kept is None:
        raise ClientNotFound()
    return kept


def _is_stale(kept: RollUp) -> bool:
    now = clock.now()
    if kept.measured_at is None or kept.measured_at > now - STALE or kept.not_before > now:
        return False
    return queries.has_changed(kept.client_id, since=kept.measured_at)


def _try_to_refresh(client_id: UUID) -> None:
    try:
        with db.unit_of_work():
            rolling.count_on(client_id)
        measuring.measure([client_id])
    except AppError as wrong:
        _log.warning("statistics could not be brought up to date", client_id=str(client_id), error=wrong)


def _activity(kept: RollUp) -> dict[str, Activity]:
    """Return what happened each day, what is not counted yet included."""
    counted = store.days(kept.client_id, since=rolling.first_day(clock.now()))
    recent = queries.activity_since(kept.client_id, kept.counted_until, settled_to=kept.settled_to)
    for day, more in recent.items():
        before = counted.get(day, Activity())
        counted[day] = Activity(*(one + other for one, other in zip(before, more, strict=True)))
    return counted


def _day(call: Any, people: Activity) -> Day:
    return Day(call["started_at"], *people, requests=call["requests"], refusals=call["refusals"])


def _measured_at(kept: RollUp) -> datetime:
    if kept.measured_at is None:
        raise ClientNotFound()  # its table is gone
    return kept.measured_at
