"""All clients together, summed up from what is kept of each; the operators' own client and probes do not count."""

from datetime import timedelta

from app.core import clock, db
from app.statistics import store, total_queries
from app.statistics.models import Installation
from app.statistics.rolling import LAG, first_day

LARGEST = 10


def sum_up() -> Installation:
    """Sum up and keep it; outside any unit of work."""
    now = clock.now()
    with db.reading():
        figures = {
            **total_queries.clients_by(),
            **total_queries.sums(),
            "users_by_role": total_queries.users_by_role(),
            "largest_clients": total_queries.largest(LARGEST),
            "days": total_queries.days(since=first_day(now)),
        }
    found = Installation(figures, now)
    with db.unit_of_work():
        store.begin_looking(now - LAG)
        store.note_installation(found)
    return found


def is_older_than(found: Installation, age: timedelta) -> bool:
    """Return whether something was summed up longer ago than that."""
    return found.measured_at < clock.now() - age
