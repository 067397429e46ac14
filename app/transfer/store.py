"""The rows of a bundle: which tables they are of, in which order they stand, and how they are written.

A bundle holds the rows of many packages as they are. No service of theirs makes rows of before, with their ids, hashes
and times, so these go into the tables from here, and from nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.audit.tables import audit_logs
from app.clients.tables import clients
from app.core import db
from app.keys.tables import keys
from app.limits.usage_tables import rate_limit_usage
from app.mfa.tables import passkeys, recovery_codes, totp_factors
from app.roles.tables import roles
from app.transfer.row_forms import Form, Values
from app.users.store import SCHEMA_VERSION, UserDirectory

NEWEST_USERS = SCHEMA_VERSION
"""The newest shape of a users table that a bundle may be of."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table; `order` are the columns by which they stand in a bundle, beside the client's id."""

    name: str
    table: Table
    order: tuple[str, ...]
    form: Form

    @property
    def is_users(self) -> bool:
        """Whether these are the client's users, whose table is its own."""
        return self.table is UserDirectory.table


def _part(name: str, table: Table, *order: str) -> Part:
    return Part(name, table, order, Form(table))


CLIENT = _part("clients", clients)
PARTS = (
    _part("users", UserDirectory.table, "user_id"),
    _part("roles", roles, "name"),
    _part("keys", keys, "key_id"),
    _part("totp_factors", totp_factors, "user_id"),
    _part("recovery_codes", recovery_codes, "user_id", "digest"),
    _part("passkeys", passkeys, "user_id", "credential_id"),
    _part("rate_limit_usage", rate_limit_usage, "key_id", "period", "started_at"),
    _part("audit_logs", audit_logs, "timestamp", "audit_id"),
)
"""What names a user or a key comes after those."""
NAMED = {part.name: part for part in (CLIENT, *PARTS)}


def add(part: Part, client_id: UUID, rows: Sequence[Values]) -> list[Values]:
    """Add rows under a client in the unit of work in force; return those that did not go in, something being taken."""
    if part.is_users:
        added = UserDirectory(client_id).add_many(rows)
        return [row for row in rows if row["user_id"] not in added]
    own = [{**row, "client_id": client_id} for row in rows]
    identity = list(part.table.primary_key.columns)
    dialect = postgresql if db.is_postgresql() else sqlite
    statement = dialect.insert(part.table).on_conflict_do_nothing().returning(*identity)
    went_in = {_plain(tuple(row)) for row in db.execute(statement, own)}
    return [row for row in own if _plain(tuple(row[column.name] for column in identity)) not in went_in]


def cut_foreign_ties(client_id: UUID) -> None:
    """Let no key of a client count in the quota or the windows of another client's key, as one left out would be."""
    others = select(keys.c.key_id).where(keys.c.client_id != client_id)
    for column in (keys.c.counts_as, keys.c.family_id):
        db.execute(update(keys).where(keys.c.client_id == client_id, column.in_(others)).values({column: None}))


def _plain(identity: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an identity that compares: a driver may give bytes as a view of memory."""
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in identity)
