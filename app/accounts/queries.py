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
from app.roles.service import scopes_from
from app.roles.tables import stored_permissions
from app.sessions.tables import sessions
from app.users.models import User
from app.users.store import UserDirectory

_users = UserDirectory.table
_STATE = Lookup(
    select(
        *UserDirectory.columns,
        sessions.c.authenticated_at,
        sessions.c.expires_at,
        sessions.c.revoked_at,
        sessions.c.amr,
        sessions.c.impersonator_id,
        clients.c.status,
        clients.c.version,
        clients.c.slug,
        clients.c.settings,
        clients.c.limits,
        clients.c.limits_epoch,
        clients.c.tier,
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
    (
        authenticated_at,
        expires_at,
        revoked_at,
        amr,
        impersonator_id,
        client_status,
        version,
        slug,
        own_settings,
        *limits,
    ) = row[_WIDTH:]
    own_limits, limits_epoch, tier, stored_tier, permissions = limits
    user = User(*row[:_WIDTH])
    return SessionState(
        session_id=session_id,
        client_id=client_id,
        authenticated_at=authenticated_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
        amr=amr,
        impersonator_id=impersonator_id,
        client_status=client_status,
        client_version=version,
        is_platform=slug == PLATFORM_SLUG,
        own_settings=own_settings,
        tier=tier,
        limits=limits_of(tier, stored=stored_tier, own=own_limits),
        limits_epoch=limits_epoch,
        user=user,
        scopes=scopes_from(user.role, permissions),
    )
