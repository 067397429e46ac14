"""The read behind every authenticated call: session, client and user in one statement."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, true

from app.accounts.models import SessionState
from app.clients.models import PLATFORM_SLUG
from app.clients.tables import clients
from app.core.lookup import Lookup
from app.limits.tables import tiers
from app.limits.tiers import limits_of
from app.roles.service import reading, scopes_from
from app.roles.tables import stored_permissions
from app.sessions.tables import sessions
from app.users.models import User
from app.users.store import UserDirectory

_users = UserDirectory.table
_PLAIN = {
    "authenticated_at": sessions.c.authenticated_at,
    "expires_at": sessions.c.expires_at,
    "revoked_at": sessions.c.revoked_at,
    "amr": sessions.c.amr,
    "impersonator_id": sessions.c.impersonator_id,
    "client_status": clients.c.status,
    "client_version": clients.c.version,
    "own_settings": clients.c.settings,
    "limits_epoch": clients.c.limits_epoch,
    "tier": clients.c.tier,
}
"""What is taken over as it stands, by its name in SessionState."""
_STATE = Lookup(
    select(
        *UserDirectory.columns,
        *_PLAIN.values(),
        clients.c.slug,
        clients.c.limits,
        select(tiers.c.limits).where(tiers.c.name == clients.c.tier).scalar_subquery().label("stored_tier"),
        stored_permissions(_users.c.role),
    )
    # Three look-ups by key side by side: with nothing to join, the planner has nothing to weigh.
    .select_from(sessions.join(clients, true()).join(_users, true()))
    .where(
        sessions.c.session_id == bindparam("session_id"),
        sessions.c.client_id == bindparam("client_id"),
        sessions.c.user_id == bindparam("user_id"),
        clients.c.client_id == bindparam("client_id"),
        _users.c.user_id == bindparam("user_id"),
    )
)
_WIDTH = len(UserDirectory.columns)


def session_state(client_id: UUID, session_id: UUID, user_id: UUID) -> SessionState | None:
    """Return a session of a user, with user and client; None if any of them is gone."""
    parameters = {"session_id": session_id, "client_id": client_id, "user_id": user_id}
    row = UserDirectory(client_id).look_up(_STATE, parameters)
    return None if row is None else _state(row, client_id, session_id)


def _state(row: tuple[Any, ...], client_id: UUID, session_id: UUID) -> SessionState:
    user, plain = User(*row[:_WIDTH]), dict(zip(_PLAIN, row[_WIDTH:-4], strict=True))
    slug, own_limits, stored_tier, permissions = row[-4:]
    held = scopes_from(user.role, permissions)
    return SessionState(
        session_id=session_id,
        client_id=client_id,
        user=user,
        scopes=held if plain["impersonator_id"] is None else reading(held),
        is_platform=slug == PLATFORM_SLUG,
        limits=limits_of(plain["tier"], stored=stored_tier, own=own_limits),
        **plain,
    )
