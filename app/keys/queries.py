"""Reads that join keys with other packages' tables."""

from uuid import UUID

from sqlalchemy import Boolean, bindparam, literal_column, select

from app.clients.models import chosen
from app.clients.store import ALL_CLIENTS, LOCK_SPACE
from app.clients.tables import clients
from app.core import db
from app.core.lookup import Lookup
from app.keys.models import Key, KeysClient, Owner
from app.keys.tables import keys
from app.limits.tables import tiers
from app.mfa import policy
from app.mfa.tables import has_second_factor
from app.roles.service import scopes_from
from app.roles.tables import stored_permissions
from app.users.models import ACTIVE
from app.users.store import UserDirectory

_COLUMNS = (
    *(keys.c[name] for name in Key.__slots__),
    clients.c.status,
    clients.c.tier,
    clients.c.limits,
    select(tiers.c.limits).where(tiers.c.name == clients.c.tier).scalar_subquery().label("stored_tier"),
    clients.c.version,
    clients.c.limits_epoch,
)
_BY_DIGEST = (
    select(*_COLUMNS, literal_column("false", Boolean).label("settled"))
    .join(clients, clients.c.client_id == keys.c.client_id)
    .where(keys.c.digest == bindparam("digest"))
)
_PLAIN = Lookup(_BY_DIGEST)
# Sent ahead in the same trip: a statement of its own, so that what is then read is at least as new as its answer.
_ASK_WHO_CHANGES = """SELECT set_config('rowlock.settled', (
    pg_try_advisory_xact_lock_shared(%(space)s, %(everyone)s)
    AND coalesce((SELECT pg_try_advisory_xact_lock_shared(%(space)s, hashtext(client_id::text))
                    FROM keys WHERE digest = %(digest)s), false))::text, true);
"""
_NOBODY_CHANGES = literal_column("current_setting('rowlock.settled', true) = 'true'", Boolean)
_SETTLED = Lookup(
    _BY_DIGEST.with_only_columns(*_COLUMNS, _NOBODY_CHANGES, maintain_column_froms=True), ahead=_ASK_WHO_CHANGES
)
_OF_CLIENT = Lookup(
    select(*(keys.c[name] for name in Key.__slots__)).where(
        keys.c.client_id == bindparam("client_id"), keys.c.digest == bindparam("digest")
    )
)
_users = UserDirectory.table
_OWNER = select(
    _users.c.status,
    _users.c.role,
    stored_permissions(_users.c.role),
    select(clients.c.settings).where(clients.c.client_id == bindparam("client_id")).scalar_subquery().label("settings"),
    has_second_factor(_users.c.user_id),
).where(_users.c.user_id == bindparam("user_id"))


def find_by_digest(digest: bytes, *, ask_who_changes: bool = False) -> tuple[Key, KeysClient, bool] | None:
    """Return the key with a digest and its client, in one statement.

    With `ask_who_changes` (PostgreSQL) also whether nobody is just changing the client.
    """
    if ask_who_changes and db.is_postgresql():
        row = _SETTLED.one({"digest": digest, "space": LOCK_SPACE, "everyone": ALL_CLIENTS})
    else:
        row = _PLAIN.one({"digest": digest})
    if row is None:
        return None
    width = len(Key.__slots__)
    return Key(*row[:width]), KeysClient(*row[width:-1]), bool(row[-1])


def find_of_client(client_id: UUID, digest: bytes) -> Key | None:
    """Return the key with a digest if it is the client's: half the work of finding its client beside it."""
    row = _OF_CLIENT.one({"client_id": client_id, "digest": digest})
    return None if row is None else Key(*row)


def find_owner(client_id: UUID, user_id: UUID) -> Owner | None:
    """Return what the keys of a user are bound by, in one statement; None if the user is gone."""
    parameters = {"client_id": client_id, "user_id": user_id}
    row = UserDirectory(client_id).execute(_OWNER, parameters).one_or_none()
    if row is None:
        return None
    scopes, asked = scopes_from(row.role, row.stored_permissions), chosen("mfa_policy", row.settings)
    lacks = not row.has_second_factor and policy.demands(asked, role=row.role, scopes=scopes)
    return Owner(row.status == ACTIVE, scopes, lacks)
