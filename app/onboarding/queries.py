"""What `flask doctor` asks: reads that join tables of several packages."""

from uuid import UUID

from sqlalchemy import Table, exists, literal, select, union, union_all

from app.audit.tables import audit_logs
from app.clients.tables import clients
from app.core import db
from app.keys.models import ACCESS
from app.keys.tables import keys
from app.sessions.tables import sessions, signing_keys, tokens
from app.users.store import UserDirectory

_OWNED: tuple[Table, ...] = (sessions, tokens, keys, signing_keys, audit_logs)
_NAMING_USERS: tuple[Table, ...] = (sessions, tokens, keys)


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
    """Return the clients without a signing key, and those without an access key that is not revoked."""
    signing = exists().where(signing_keys.c.client_id == clients.c.client_id, signing_keys.c.retired_at.is_(None))
    access = exists().where(keys.c.client_id == clients.c.client_id, keys.c.kind == ACCESS, keys.c.revoked_at.is_(None))
    ids = select(clients.c.client_id)
    return list(db.execute(ids.where(~signing)).scalars()), list(db.execute(ids.where(~access)).scalars())


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
