"""All SQL over rolled-up statistics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core import db
from app.statistics.models import Activity, Beginning, Figures, Installation, Kept, RollUp, Size
from app.statistics.tables import active_users, client_days, client_statistics, installation_statistics

_THE_ONE = 1
_kept = client_statistics.c
_SHOWN = (
    *(_kept.client_id, _kept.counted_until, _kept.settled_to, _kept.not_before, _kept.measured_at),
    *(_kept.users, _kept.sessions, _kept.secret_keys, _kept.publishable_keys, _kept.users_by_role, _kept.parts),
)
_FIND = select(*_SHOWN).where(_kept.client_id == bindparam("client_id"))
_MEASURED = (
    *("measure_at", "not_before", "measured_at", "users", "sessions", "secret_keys", "publishable_keys"),
    *("users_by_role", "parts"),
)
_NOTE = (
    update(client_statistics)
    .where(_kept.client_id == bindparam("of_client"))
    .values({name: bindparam(f"new_{name}") for name in _MEASURED})
)


def find(client_id: UUID) -> RollUp | None:
    """Return what is kept of a client."""
    row = db.execute(_FIND, {"client_id": client_id}).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    parts = {name: Size(*size) for name, size in values.pop("parts").items()}
    return RollUp(**values, parts=parts)


def begin(beginnings: Sequence[Beginning], *, now: datetime) -> None:
    """Keep something of clients from now on, nothing of which is measured, unless it is kept already."""
    nothing = {"users": 0, "sessions": 0, "secret_keys": 0, "publishable_keys": 0, "users_by_role": {}, "parts": {}}
    given = {"measure_at": now, "not_before": now, **nothing}
    rows = [beginning._asdict() | given for beginning in sorted(beginnings)]
    db.execute(_insert(client_statistics).values(rows).on_conflict_do_nothing())


def hold(client_ids: Sequence[UUID], *, counted_before: datetime | None = None) -> list[Kept]:
    """Hold the rows of clients and return how far they are.

    `counted_before`: only those that are counted until a moment before that.
    """
    query = select(_kept.client_id, _kept.counted_until, _kept.settled_to).where(_kept.client_id.in_(client_ids))
    if counted_before is not None:
        query = query.where(_kept.counted_until < counted_before)
    return [Kept(*row) for row in db.execute(query.order_by(_kept.client_id).with_for_update())]


def unsettled(day: str, *, limit: int) -> list[UUID]:
    """Return some clients that are not settled to a day."""
    return list(db.execute(select(_kept.client_id).where(_kept.settled_to < day).limit(limit)).scalars())


def to_measure(*, now: datetime, limit: int) -> list[UUID]:
    """Return the clients that are to be measured, the longest due first."""
    query = select(_kept.client_id).where(_kept.measure_at <= now).order_by(_kept.measure_at).limit(limit)
    return list(db.execute(query).scalars())


def add_days(found: Select[Any]) -> None:
    """Add to the days of clients what a select has found; of active users it is the number, not what is added."""
    names = ("client_id", "day", "signups", "logins", "failures", "active_users")
    statement = _insert(client_days).from_select(names, found)
    sums = {name: client_days.c[name] + statement.excluded[name] for name in names[2:5]}
    db.execute(statement.on_conflict_do_update(index_elements=[client_days.c.client_id, client_days.c.day], set_=sums))


def add_people(found: Select[Any]) -> None:
    """Note who was active on days, each once."""
    db.execute(_insert(active_users).from_select(list(active_users.c), found).on_conflict_do_nothing())


def count_people(client_ids: Sequence[UUID], *, since: str) -> None:
    """Set how many users were active on each day since one, as noted."""
    noted = (
        select(func.count())
        .select_from(active_users)
        .where(active_users.c.client_id == client_days.c.client_id, active_users.c.day == client_days.c.day)
        .correlate(client_days)
        .scalar_subquery()
    )
    settled_to = (
        select(_kept.settled_to)
        .where(_kept.client_id == client_days.c.client_id)
        .correlate(client_days)
        .scalar_subquery()
    )
    statement = update(client_days).where(client_days.c.client_id.in_(client_ids), client_days.c.day >= since)
    db.execute(statement.where(client_days.c.day > settled_to).values(active_users=noted))


def move_on(client_ids: Sequence[UUID], *, until: datetime, rows: ScalarSelect[int], settled_to: str | None) -> None:
    """Say that the audit log of clients is counted until a moment, and perhaps final to a day; have them measured."""
    values: dict[str, Any] = {"audit_rows": _kept.audit_rows + rows, "counted_until": until}
    if settled_to is None:
        values["measure_at"] = _kept.not_before  # it has grown
    else:
        values["settled_to"] = settled_to
    db.execute(update(client_statistics).where(_kept.client_id.in_(client_ids)).values(values))


def forget_unsettled(client_ids: Sequence[UUID], *, oldest: str) -> None:
    """Delete what is kept of clients' days that are not settled, and of days that nobody asks for any more."""
    settled_to = (
        select(_kept.settled_to)
        .where(_kept.client_id == client_days.c.client_id)
        .correlate(client_days)
        .scalar_subquery()
    )
    gone = (client_days.c.day > settled_to) | (client_days.c.day < oldest)
    db.execute(delete(client_days).where(client_days.c.client_id.in_(client_ids), gone))
    db.execute(delete(active_users).where(active_users.c.client_id.in_(client_ids)))


def forget(client_id: UUID) -> None:
    """Delete all that is kept of a client."""
    for table in (client_statistics, client_days, active_users):
        db.execute(delete(table).where(table.c.client_id == client_id))


def note_figures(found: dict[UUID, Figures], *, now: datetime, measure_at: datetime, not_before: datetime) -> None:
    """Keep what was measured of clients."""
    rows = [
        {
            "of_client": client_id,
            "new_measure_at": measure_at,
            "new_not_before": not_before,
            "new_measured_at": now,
            "new_users": sum(figures.users_by_role.values()),
            "new_sessions": figures.sessions,
            "new_secret_keys": figures.secret_keys,
            "new_publishable_keys": figures.publishable_keys,
            "new_users_by_role": figures.users_by_role,
            "new_parts": {name: list(size) for name, size in figures.parts.items()},
        }
        for client_id, figures in found.items()
    ]
    db.execute(_NOTE, rows)


def put_off(client_id: UUID, *, until: datetime) -> None:
    """Measure a client later."""
    db.execute(update(client_statistics).where(_kept.client_id == client_id).values(measure_at=until, not_before=until))


def days(client_id: UUID, *, since: str) -> dict[str, Activity]:
    """Return what is counted of each day of a client since one."""
    columns = client_days.c
    query = select(columns.day, columns.signups, columns.logins, columns.failures, columns.active_users)
    rows = db.execute(query.where(columns.client_id == client_id, columns.day >= since))
    return {row[0]: Activity(*row[1:]) for row in rows}


def looked_until() -> datetime | None:
    """Return until when it has been noticed whose audit log grew; None before the first time."""
    query = select(installation_statistics.c.looked_until)
    moment: datetime | None = db.execute(query).scalar_one_or_none()
    return moment


def begin_looking(moment: datetime) -> None:
    """Notice from a moment on, or from where the client is counted to that is furthest behind, unless somebody does."""
    oldest: datetime | None = db.execute(select(func.min(_kept.counted_until))).scalar_one()
    moment = min(moment, oldest or moment)
    db.execute(_insert(installation_statistics).values(number=_THE_ONE, looked_until=moment).on_conflict_do_nothing())


def look_on(before: datetime, until: datetime) -> bool:
    """Move on in noticing; False if somebody else has."""
    statement = update(installation_statistics).where(installation_statistics.c.looked_until == before)
    return db.execute(statement.values(looked_until=until)).rowcount == 1


def installation() -> Installation | None:
    """Return what is kept of all clients together."""
    columns = installation_statistics.c
    row = db.execute(select(columns.figures, columns.measured_at).where(columns.measured_at.is_not(None))).one_or_none()
    return None if row is None else Installation(row.figures, row.measured_at)


def note_installation(found: Installation) -> None:
    """Keep what was summed up of all clients, unless it is older than what is kept."""
    columns = installation_statistics.c
    newer = columns.measured_at.is_(None) | (columns.measured_at < found.measured_at)
    statement = update(installation_statistics).where(and_(columns.number == _THE_ONE, newer))
    db.execute(statement.values(figures=found.figures, measured_at=found.measured_at))


def _insert(table: Any) -> Any:
    return postgresql.insert(table) if db.is_postgresql() else sqlite.insert(table)
