"""What `flask doctor` asks: reads that join tables of several packages."""

from uuid import UUID

from sqlalchemy import Table, exists, literal, select, text, union, union_all

from app.clients.models import ERASING, PLATFORM_SLUG
from app.clients.tables import clients
from app.core import db
from app.extensions import metadata
from app.keys.models import ACCESS
from app.keys.tables import keys
from app.mfa.tables import mfa_guesses, passkeys, recovery_codes, totp_factors
from app.sessions.tables import sessions, signing_keys, tokens
from app.users.store import UserDirectory

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
        for table in metadata.sorted_tables
        if "client_id" in table.c and table is not clients
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
    ids = select(clients.c.client_id).where(clients.c.status != ERASING)  # their keys go first
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
