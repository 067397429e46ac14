"""What the totals of all clients ask: sums over what is kept of each."""

from typing import Any

from sqlalchemy import func, select

from app.clients.models import PLATFORM_SLUG, PROBE_SLUGS
from app.clients.tables import client_sizes, clients
from app.core import db
from app.statistics.tables import client_days, client_statistics

_counted = (clients.c.slug != PLATFORM_SLUG, ~clients.c.slug.startswith(PROBE_SLUGS))
_of_all = select(clients.c.client_id).where(*_counted)


def clients_by() -> dict[str, dict[str, int]]:
    """Return how many clients there are by status and by tier."""
    found: dict[str, dict[str, int]] = {"clients_by_status": {}, "clients_by_tier": {}}
    query = select(clients.c.status, clients.c.tier, func.count()).where(*_counted)
    for status, tier, number in db.execute(query.group_by(clients.c.status, clients.c.tier)):
        for sums, name in ((found["clients_by_status"], status), (found["clients_by_tier"], tier)):
            sums[name] = sums.get(name, 0) + number
    return found


def sums() -> dict[str, int]:
    """Return how many users, sessions and keys there are, and the room that all of it takes."""
    kept = client_statistics.c
    names = ("users", "sessions", "secret_keys", "publishable_keys")
    columns = [func.coalesce(func.sum(kept[name]), 0) for name in names]
    room = func.coalesce(func.sum(client_sizes.c.bytes), 0)
    query = (
        select(*columns, room)
        .select_from(client_statistics)
        .outerjoin(client_sizes, client_sizes.c.client_id == kept.client_id)
        .where(kept.client_id.in_(_of_all))
    )
    users, sessions, secret, publishable, taken = (int(number) for number in db.execute(query).one())
    return {
        "users": users,
        "sessions": sessions,
        "secret_keys": secret,
        "publishable_keys": publishable,
        "storage_bytes": taken,
    }


def users_by_role() -> dict[str, int]:
    """Return how many users of all clients hold each role; clients may give their own roles the same name."""
    found: dict[str, int] = {}
    kept = client_statistics.c
    for roles in db.execute(select(kept.users_by_role).where(kept.client_id.in_(_of_all), kept.users > 0)).scalars():
        for role, number in roles.items():
            found[role] = found.get(role, 0) + number
    return found


def largest(number: int) -> list[dict[str, Any]]:
    """Return the clients that take most room."""
    query = (
        select(clients.c.client_id, clients.c.client_name, clients.c.slug, client_sizes.c.bytes)
        .join(client_sizes, client_sizes.c.client_id == clients.c.client_id)
        .where(*_counted)
        .order_by(client_sizes.c.bytes.desc(), clients.c.client_id)
    )
    return [row._asdict() | {"client_id": str(row.client_id)} for row in db.execute(query.limit(number))]


def days(*, since: str) -> dict[str, list[int]]:
    """Return sign-ups, logins and failures of each day since one."""
    columns = client_days.c
    sums = [func.sum(columns[name]) for name in ("signups", "logins", "failures")]
    query = select(columns.day, *sums).where(columns.day >= since, columns.client_id.in_(_of_all))
    return {row[0]: [int(number) for number in row[1:]] for row in db.execute(query.group_by(columns.day))}
