"""Changing a user: its profile, its role, and whether it may log in at all."""

from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.clients import custom_fields
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.core import db
from app.core.actors import Actor
from app.core.errors import Conflict
from app.roles import service as roles
from app.sessions import service as sessions
from app.user_management import rights
from app.users import service as users
from app.users.models import ACTIVE, DISABLED, INVITED, User

UPDATED, ROLE_CHANGED, ENABLED, DISABLED_USER = "user.update", "role.change", "user.enable", "user.disable"


def change(actor: Actor, client_id: UUID, user_id: UUID, wanted: dict[str, Any]) -> User:
    """Change a user; another role or status ends its sessions before the answer, and binds its keys at once.

    Raises NotFound, BeyondOwnRights, LastAdmin, UsernameTaken, ValidationFailed for a role that is not there or fields
    that the client's schema refuses, and Conflict for an invited user who would be active without a password.
    """
    with db.unit_of_work():
        client = clients.lock(client_id)
        before = rights.require(client_id, user_id)
        changes = {name: value for name, value in wanted.items() if getattr(before, name) != value}
        action = _action_of(changes)
        rights.check_over(actor, client_id, before, action=action)
        if not changes:
            return before
        _check(actor, client, before, changes)
        after = users.change(client_id, user_id, changes)
        detail = {"fields": sorted(changes), **_told(before, changes)}
        if "role" in changes or "status" in changes:
            detail["sessions_ended"] = _bind_at_once(client_id, after, reason=action)
        audit.record(actor, action, client_id=client_id, user_id=user_id, detail=detail)
    return after


def _action_of(changes: dict[str, Any]) -> str:
    if "role" in changes:
        return ROLE_CHANGED
    if "status" in changes:
        return DISABLED_USER if changes["status"] == DISABLED else ENABLED
    return UPDATED


def _check(actor: Actor, client: Client, user: User, changes: dict[str, Any]) -> None:
    if "role" in changes:
        _check_role(actor, client.client_id, user, changes["role"])
    if changes.get("status") == ACTIVE and user.status == INVITED:
        raise Conflict("An invited user becomes active by accepting the invitation.")
    if "role" in changes or changes.get("status") == DISABLED:
        users.check_not_last_admin(client.client_id, user)
    if "custom_fields" in changes:
        custom_fields.check(client, changes["custom_fields"])


def _check_role(actor: Actor, client_id: UUID, user: User, role: str) -> None:
    """Raise BeyondOwnRights for a role that the caller cannot give, and for an operator, who stays one."""
    if user.role == roles.SUPER_ADMIN:
        rights.refuse(actor, client_id, user, action=ROLE_CHANGED, told="An operator keeps its role.")
    rights.check_assignable(actor, client_id, role, to_user=user.user_id)


def _bind_at_once(client_id: UUID, user: User, *, reason: str) -> int:
    """End a user's sessions and make every process read its keys anew; one who is disabled has no codes left either."""
    ended = sessions.revoke_all(client_id, user.user_id, reason=reason)
    if user.status == DISABLED:
        codes.delete_of_user(client_id, user.user_id)
    clients.touch(client_id)
    return ended


def _told(before: User, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what of a change the audit log repeats: role and status, as they were and as they are."""
    return {
        name: {"from": getattr(before, name), "to": changes[name]} for name in ("role", "status") if name in changes
    }
