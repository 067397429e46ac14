"""What happened at a client in the last thirty days, and how much of its limits is used."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.clients import service as clients
from app.core import clock, db
from app.core.windows import WindowState
from app.keys.models import PUBLISHABLE, SECRET
from app.limits import status, tiers, usage
from app.onboarding import queries

DAYS = 30


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC): people from the audit log, calls from the usage series."""

    started_at: datetime
    signups: int
    logins: int
    failures: int
    active_users: int
    requests: int
    refusals: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Days are oldest first, the last is today; `keys` are those in use by kind."""

    per_day: list[Day]
    users: int
    users_by_role: dict[str, int]
    keys: dict[str, int]
    windows: tuple[WindowState, ...]
    measured_at: datetime


def of_client(client_id: UUID) -> Statistics:
    """Return a client's statistics; raises ClientNotFound."""
    now = clock.now()
    calls = usage.series(client_id, None, hours=1, days=DAYS)["per_day"]
    with db.reading():
        client = clients.require(client_id)
        limits = tiers.of_client(client)
        people = queries.activity_per_day(client_id, since=calls[0]["started_at"])
        roles = queries.users_by_role(client_id)
        kinds = queries.keys_by_kind(client_id, now=now)
    nothing = (0, 0, 0, 0)
    days = [
        Day(
            day["started_at"],
            *people.get(f"{day['started_at']:%Y-%m-%d}", nothing),
            requests=day["requests"],
            refusals=day["refusals"],
        )
        for day in calls
    ]
    return Statistics(
        per_day=days,
        users=sum(roles.values()),
        users_by_role=roles,
        keys={SECRET: 0, PUBLISHABLE: 0} | kinds,
        windows=status.windows_of(client, limits),
        measured_at=now,
    )
