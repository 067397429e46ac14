"""What `flask doctor` and a client's statistics ask: reads that join tables of several packages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, Table, case, cast, exists, false, func, literal, or_, select, text, union, union_all

from app.accounts.errors import MfaEnrollmentRequired
from app.audit.tables import audit_logs
from app.clients.models import PLATFORM_SLUG
from app.clients.tables import clients
from app.codes.tables import one_time_codes
from app.core import db
from app.core.errors import MfaRequired
from app.keys.models import ACCESS
from app.keys.tables import keys
from app.limits.usage_tables import rate_limit_usage
from app.mail.tables import outbox
from app.mfa.tables import mfa_guesses, passkeys, recovery_codes, totp_factors
from app.sessions.tables import sessions, signing_keys, tokens
from app.users.store import UserDirectory

_SIGN_UP, _LOGIN, _REFRESH = "signup", "login", "session.refresh"
_HALF = (MfaRequired.code, MfaEnrollmentRequired.code)
Activity = tuple[int, int, int, int]
"""Sign-ups, logins, failed attempts at either, and active users."""
_OWNED: tuple[Table, ...] = (
    sessions,
    tokens,
    keys,
    signing_keys,
    audit_logs,
    rate_limit_usage,
    outbox,
    one_time_codes,
    totp_factors,
    recovery_codes,
    passkeys,
    mfa_guesses,
)
_NAMING_USERS: tuple[Table, ...] = (sessions, tokens, keys, totp_factors, recovery_codes, passkeys, mfa_guesses)
_BOTH_ON_POSTGRESQL = """
SELECT replace(CAST(client_id AS text), '-', '') AS digits, users_schema_version AS version FROM clients
UNION ALL
SELECT substr(c.relname, 7), NULL FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname ~ :name
"""
_BOTH_ON_SQLITE = """
SELECT client_id AS digits, users_schema_version AS version FROM clients
UNION ALL
SELECT substr(name, 7), NULL FROM sqlite_schema WHERE type = 'table' AND name GLOB :name
"""


def tables_and_clients() -> tuple[set[UUID], dict[UUID, int]]:
    """Return the clients whose users tables exist, and every client with the version of its table.

    One statement sees the catalogue and the clients at one moment: who registers meanwhile is in both or in neither.
    """
    tables, versions = set(), {}
    if db.is_postgresql():
        found = db.execute(text(_BOTH_ON_POSTGRESQL), {"name": "^users_[0-9a-f]{32}$"})
    else:
        found = db.execute(text(_BOTH_ON_SQLITE), {"name": f"users_{'[0-9a-f]' * 32}"})
    for digits, version in found:
        if version is None:
            tables.add(UUID(hex=digits))
        else:
            versions[UUID(hex=digits)] = version
    return tables, versions


def rows_of_no_client() -> dict[str, list[UUID]]:
    """Return the clients that central rows name but that do not exist, by table."""
    parts = [
        select(literal(table.name).label("name"), table.c.client_id.label("client_id"))
        .where(~exists().where(clients.c.client_id == table.c.client_id))
        .distinct()
        for table in _OWNED
    ]
    found: dict[str, list[UUID]] = {}
    for row in db.execute(union_all(*parts)):
        found.setdefault(row.name, []).append(row.client_id)
    return found


def clients_without_keys() -> tuple[list[UUID], list[UUID]]:
    """Return the clients without a signing key, and those without an access key that is not revoked.

    The platform needs no access key: its own was thrown away unseen.
    """
    signing = exists().where(signing_keys.c.client_id == clients.c.client_id, signing_keys.c.retired_at.is_(None))
    access = exists().where(keys.c.client_id == clients.c.client_id, keys.c.kind == ACCESS, keys.c.revoked_at.is_(None))
    ids = select(clients.c.client_id)
    keyless = ids.where(~access, clients.c.slug != PLATFORM_SLUG)
    return list(db.execute(ids.where(~signing)).scalars()), list(db.execute(keyless).scalars())


def clients_naming_users() -> list[UUID]:
    """Return the clients whose sessions, tokens or keys name users."""
    parts = [select(table.c.client_id).where(table.c.user_id.is_not(None)) for table in _NAMING_USERS]
    return sorted(db.execute(union(*parts)).scalars())


def rows_of_no_user(client_id: UUID) -> dict[str, int]:
    """Return how many users a client's rows name that are not in its table, by table."""
    users = UserDirectory.table
    parts = [
        select(literal(table.name).label("name"), table.c.user_id.label("user_id"))
        .where(
            table.c.client_id == client_id,
            table.c.user_id.is_not(None),
            ~exists().where(users.c.user_id == table.c.user_id),
        )
        .distinct()
        for table in _NAMING_USERS
    ]
    found: dict[str, int] = {}
    for row in UserDirectory(client_id).execute(union_all(*parts)):
        found[row.name] = found.get(row.name, 0) + 1
    return found


def activity_per_day(client_id: UUID, *, since: datetime) -> dict[str, Activity]:
    """Return what happened each day (UTC, `2026-01-31`); an active user signed up, logged in or refreshed."""
    columns, done = audit_logs.c, audit_logs.c.status == "success"
    day = func.to_char(columns.timestamp, "YYYY-MM-DD") if db.is_postgresql() else func.date(columns.timestamp)
    # The first half of a login with a second factor is no failure; where it stays a half, nothing else is counted.
    half = columns.detail["reason"].as_string().in_(_HALF)
    failed = ~done & columns.action.in_((_SIGN_UP, _LOGIN)) & ~func.coalesce(half, false())
    query = (
        select(
            day.label("day"),
            func.sum(cast(done & (columns.action == _SIGN_UP), Integer)),
            func.sum(cast(done & (columns.action == _LOGIN), Integer)),
            func.sum(cast(failed, Integer)),
            func.count(case((done, columns.user_id)).distinct()),
        )
        .where(
            columns.client_id == client_id,
            columns.timestamp >= since,
            columns.action.in_((_SIGN_UP, _LOGIN, _REFRESH)),
        )
        .group_by(day)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in db.execute(query)}


def users_by_role(client_id: UUID) -> dict[str, int]:
    """Return how many users hold each role."""
    users = UserDirectory.table
    rows = UserDirectory(client_id).execute(select(users.c.role, func.count()).group_by(users.c.role))
    return {row[0]: row[1] for row in rows}


def keys_by_kind(client_id: UUID, *, now: datetime) -> dict[str, int]:
    """Return how many API keys of each kind are in use."""
    live = (keys.c.revoked_at.is_(None), or_(keys.c.expires_at.is_(None), keys.c.expires_at > now))
    query = select(keys.c.kind, func.count()).where(keys.c.client_id == client_id, keys.c.kind != ACCESS, *live)
    return {row[0]: row[1] for row in db.execute(query.group_by(keys.c.kind))}
