"""What statistics ask of other packages' tables: the audit log, users, keys, sessions, and how large tables are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)

from app.accounts.errors import MfaEnrollmentRequired
from app.audit.tables import audit_logs as audit
from app.clients.models import ERASING
from app.clients.tables import clients
from app.core import db
from app.core.errors import MfaRequired
from app.extensions import metadata
from app.keys.models import ACCESS
from app.keys.tables import keys
from app.sessions.tables import sessions
from app.statistics.models import Activity, Size
from app.statistics.tables import active_users, client_statistics
from app.users.store import UserDirectory

_SIGN_UP, _LOGIN, _REFRESH = "signup", "login", "session.refresh"
_HALF = (MfaRequired.code, MfaEnrollmentRequired.code)
_ROLLED_UP = ("client_statistics", "client_days", "active_users", "client_sizes")
_COUNTED_APART = ("clients", "audit_logs", *_ROLLED_UP)
_USUAL_WIDTH = 400
"""Of a user, indexes included, where the database cannot tell."""
_SIZES_ON_POSTGRESQL = text(
    "SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname = ANY(:names)"
)
_SIZE_ON_SQLITE = text(
    "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = 1 AND name IN"
    " (SELECT name FROM sqlite_schema WHERE tbl_name = :name)"
)
_HAS_DBSTAT = text("SELECT count(*) FROM pragma_compile_options WHERE compile_options = 'ENABLE_DBSTAT_VTAB'")
rolled_up = client_statistics.c
_done = audit.c.status == "success"
# The first half of a login with a second factor is no failure; where it stays a half, nothing else is counted.
_half = audit.c.detail["reason"].as_string().in_(_HALF)
_failed = ~_done & audit.c.action.in_((_SIGN_UP, _LOGIN)) & ~func.coalesce(_half, false())
_told_of = audit.c.action.in_((_SIGN_UP, _LOGIN, _REFRESH))


def uncounted_days(client_ids: Sequence[UUID], *, since: datetime, until: datetime) -> Select[Any]:
    """Return the select of what happened at clients on days that are not settled, as far as it is not counted."""
    return _days(since, until, audit.c.timestamp >= rolled_up.counted_until).where(audit.c.client_id.in_(client_ids))


def unsettled_days(client_ids: Sequence[UUID], *, since: datetime, until: datetime) -> Select[Any]:
    """Return the select of all that happened at clients on days that are not settled."""
    return _days(since, until).where(audit.c.client_id.in_(client_ids))


def _days(since: datetime, until: datetime, *conditions: ColumnElement[bool]) -> Select[Any]:
    day = _day()
    return (
        select(
            audit.c.client_id,
            day.label("day"),
            func.sum(cast(_done & (audit.c.action == _SIGN_UP), Integer)),
            func.sum(cast(_done & (audit.c.action == _LOGIN), Integer)),
            func.sum(cast(_failed, Integer)),
            func.count(case((_done, audit.c.user_id)).distinct()),
        )
        .join(client_statistics, rolled_up.client_id == audit.c.client_id)
        .where(audit.c.timestamp >= since, audit.c.timestamp < until, _told_of, day > rolled_up.settled_to, *conditions)
        .group_by(audit.c.client_id, day)
    )


def people(client_ids: Sequence[UUID], *, since: datetime, until: datetime, counted: bool) -> Select[Any]:
    """Return the select of who was active on which day, `counted` or not counted yet, on days that are not settled."""
    day = _day()
    new = () if counted else (audit.c.timestamp >= rolled_up.counted_until,)
    return (
        select(audit.c.client_id, day, audit.c.user_id)
        .distinct()
        .join(client_statistics, rolled_up.client_id == audit.c.client_id)
        .where(audit.c.client_id.in_(client_ids), audit.c.timestamp >= since, audit.c.timestamp < until)
        .where(_told_of, _done, audit.c.user_id.is_not(None), day > rolled_up.settled_to, *new)
    )


def uncounted_rows(until: datetime) -> ScalarSelect[int]:
    """Return the number of audit rows of the client of each roll-up that are not counted."""
    return (
        select(func.count())
        .select_from(audit)
        .where(audit.c.client_id == rolled_up.client_id, audit.c.timestamp < until)
        .where(audit.c.timestamp >= rolled_up.counted_until)
        .correlate(client_statistics)
        .scalar_subquery()
    )


def activity_since(client_id: UUID, moment: datetime, *, settled_to: str) -> dict[str, Activity]:
    """Return what happened each day since a moment; `active_users` are those that are not kept as active."""
    day = _day()
    kept = exists().where(
        active_users.c.client_id == client_id,
        active_users.c.day == day,
        active_users.c.user_id == audit.c.user_id,
    )
    query = (
        select(
            day,
            func.sum(cast(_done & (audit.c.action == _SIGN_UP), Integer)),
            func.sum(cast(_done & (audit.c.action == _LOGIN), Integer)),
            func.sum(cast(_failed, Integer)),
            func.count(case((and_(_done, ~kept), audit.c.user_id)).distinct()),
        )
        .where(audit.c.client_id == client_id, audit.c.timestamp >= moment, _told_of, day > settled_to)
        .group_by(day)
    )
    return {row[0]: Activity(*row[1:]) for row in db.execute(query)}


def has_changed(client_id: UUID, *, since: datetime) -> bool:
    """Return whether a client's audit log has grown since a moment."""
    grown = exists().where(audit.c.client_id == client_id, audit.c.timestamp >= since)
    return bool(db.execute(select(grown)).scalar_one())


def first_audit(client_ids: Sequence[UUID], *, since: datetime) -> list[tuple[UUID, datetime | None, int]]:
    """Return of clients the moment of the first audit row since another moment, and how many rows are older."""
    of_client = audit.c.client_id == clients.c.client_id
    first = select(audit.c.timestamp).where(of_client, audit.c.timestamp >= since).order_by(audit.c.timestamp).limit(1)
    older = select(func.count()).select_from(audit).where(of_client, audit.c.timestamp < since)
    query = select(clients.c.client_id, first.scalar_subquery(), older.scalar_subquery())
    return [(row[0], row[1], row[2]) for row in db.execute(query.where(clients.c.client_id.in_(client_ids)))]


def next_audit_id(after: UUID) -> UUID | None:
    """Return the oldest id of the whole audit log beyond one."""
    query = select(audit.c.audit_id).where(audit.c.audit_id >= after).order_by(audit.c.audit_id).limit(1)
    found: UUID | None = db.execute(query).scalar_one_or_none()
    return found


def clients_with_audit(first: UUID, before: UUID) -> list[UUID]:
    """Return the clients whose audit log has rows with ids from one up to another."""
    query = select(audit.c.client_id).where(audit.c.audit_id >= first, audit.c.audit_id < before).distinct()
    return list(db.execute(query).scalars())


def unknown_clients(limit: int) -> list[UUID]:
    """Return some clients of whom nothing is kept."""
    known = exists().where(rolled_up.client_id == clients.c.client_id)
    query = select(clients.c.client_id).where(~known, clients.c.status != ERASING)
    return list(db.execute(query.limit(limit)).scalars())


def users_by_role(client_id: UUID) -> dict[str, int]:
    """Return how many users hold each role; raises ClientNotFound."""
    users = UserDirectory.table
    rows = UserDirectory(client_id).execute(select(users.c.role, func.count()).group_by(users.c.role))
    return {row[0]: row[1] for row in rows}


def keys_in_use(client_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, dict[str, int]]:
    """Return how many API keys of each kind clients have in use."""
    live = (keys.c.revoked_at.is_(None), or_(keys.c.expires_at.is_(None), keys.c.expires_at > now))
    query = select(keys.c.client_id, keys.c.kind, func.count()).where(keys.c.client_id.in_(client_ids), *live)
    found: dict[UUID, dict[str, int]] = {client_id: {} for client_id in client_ids}
    grouped = query.where(keys.c.kind != ACCESS).group_by(keys.c.client_id, keys.c.kind)
    for client_id, kind, number in db.execute(grouped):
        found[client_id][kind] = number
    return found


def sessions_in_force(client_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, int]:
    """Return how many sessions of clients are neither revoked nor past their absolute end."""
    live = (sessions.c.revoked_at.is_(None), sessions.c.expires_at > now)
    query = select(sessions.c.client_id, func.count()).where(sessions.c.client_id.in_(client_ids), *live)
    return {row[0]: row[1] for row in db.execute(query.group_by(sessions.c.client_id))}


def rows_of(client_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Return how many rows clients have in each central table, by its name; tables without any are not named."""
    found: dict[UUID, dict[str, int]] = {client_id: {} for client_id in client_ids}
    wanted: BindParameter[Any] = bindparam("clients", list(client_ids), expanding=True)
    counts = [
        select(literal(table.name), table.c.client_id, func.count())
        .where(table.c.client_id.in_(wanted))
        .group_by(table.c.client_id)
        for table in metadata.sorted_tables
        if "client_id" in table.c and table.name not in _COUNTED_APART
    ]
    logged = select(literal(audit.name), rolled_up.client_id, rolled_up.audit_rows)
    for name, client_id, number in db.execute(union_all(*counts, logged.where(rolled_up.client_id.in_(wanted)))):
        found[client_id][name] = number
    return found


def sizes_of_users_tables(client_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the bytes of clients' users tables with their indexes, where the database can tell."""
    names = {f"users_{client_id.hex}": client_id for client_id in client_ids}
    if db.is_postgresql():
        found = db.execute(_SIZES_ON_POSTGRESQL, {"names": list(names)})
        return {names[row.name]: row.bytes for row in found}
    if not db.execute(_HAS_DBSTAT).scalar_one():
        return {}
    # A statement for each table: SQLite reads its pages, and would read those of all tables for one over many.
    return {client_id: db.execute(_SIZE_ON_SQLITE, {"name": name}).scalar_one() for name, client_id in names.items()}


def usual_size(rows: int) -> Size:
    """Return the size of so many users of whom nothing else is known."""
    return Size(rows, rows * _USUAL_WIDTH, estimated=True)


def _day() -> ColumnElement[str]:
    if db.is_postgresql():
        return func.to_char(func.timezone("UTC", audit.c.timestamp), "YYYY-MM-DD")
    return func.date(audit.c.timestamp)
