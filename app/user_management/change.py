"""Changing a user: its profile, its role, and whether it may log in at all."""

from typing import Any
from uuid import UUID

from app.accounts import invitation
from app.audit import service as audit
from app.clients import custom_fields
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.core import db
from app.core.actors import Actor
from app.roles import service as roles
from app.sessions import service as sessions
from app.user_management import rights
from app.user_management.errors import InvitationPending
from app.users import service as users
from app.users.models import ACTIVE, DISABLED, INVITED, User

UPDATED, ROLE_CHANGED, ENABLED, DISABLED_USER = "user.update", "role.change", "user.enable", "user.disable"
_PROFILE = ("avatar_url", "custom_fields", "full_name", "username")


def change(actor: Actor, client_id: UUID, user_id: UUID, wanted: dict[str, Any]) -> User:
    """Change a user; another role or status ends its sessions before the answer, and binds its keys at once.

    Who is enabled and has no password is invited once more. Raises NotFound, BeyondOwnRights, LastAdmin,
    UsernameTaken, ValidationFailed for a role that is not there or fields that the client's schema refuses, and
    InvitationPending.
    """
    with db.unit_of_work():
        client = clients.lock(client_id)
        before = rights.require(client_id, user_id)
        changes = {name: value for name, value in wanted.items() if getattr(before, name) != value}
        rights.check_over(actor, client_id, before, action=_action_of(changes))
        if not changes:
            return before
        _check(actor, client, before, changes)
        changes |= _back_to_invited(client_id, before, changes)
        after = users.change(client_id, user_id, changes)
        _bind_and_record(actor, client_id, before, after)
        if before.status == DISABLED and after.status == INVITED:
            invitation.invite(actor, client, after)
    return after


def _action_of(changes: dict[str, Any]) -> str:
    """Return what an attempt is called that is refused as a whole."""
    if "role" in changes:
        return ROLE_CHANGED
    if "status" in changes:
        return DISABLED_USER if changes["status"] == DISABLED else ENABLED
    return UPDATED


def _check(actor: Actor, client: Client, user: User, changes: dict[str, Any]) -> None:
    if "role" in changes:
        _check_role(actor, client.client_id, user, changes["role"])
    if changes.get("status") == ACTIVE and user.status == INVITED:
        raise InvitationPending()
    if "role" in changes or changes.get("status") == DISABLED:
        users.check_not_last_admin(client.client_id, user)
    if "custom_fields" in changes:
        custom_fields.check(client, changes["custom_fields"])


def _check_role(actor: Actor, client_id: UUID, user: User, role: str) -> None:
    """Raise BeyondOwnRights for a role that the caller cannot give, and for an operator, who stays one."""
    if user.role == roles.SUPER_ADMIN:
        rights.refuse(actor, client_id, user, action=ROLE_CHANGED, told="An operator keeps its role.")
    rights.check_assignable(actor, client_id, role, action=ROLE_CHANGED, to_user=user.user_id)


def _back_to_invited(client_id: UUID, user: User, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what else becomes of a user to be enabled who has no password.

    Whoever accepts the invitation proves the mailbox, and sets one. Disabling has voided the invitation of before.
    """
    if changes.get("status") != ACTIVE or users.has_password(client_id, user.user_id):
        return {}
    return {"status": INVITED, "email_verified": False}


def _bind_and_record(actor: Actor, client_id: UUID, before: User, after: User) -> None:
    """Bind another role or status at once, and write one row for each kind of change."""
    rows = _rows(before, after)
    if rows.keys() - {UPDATED}:
        first = next(iter(rows))
        rows[first]["sessions_ended"] = _bind_at_once(client_id, after, reason=first)
    for action, detail in rows.items():
        audit.record(actor, action, client_id=client_id, user_id=after.user_id, detail=detail)


def _rows(before: User, after: User) -> dict[str, dict[str, Any]]:
    """Return what the audit log tells, by its actions: of role and status both values, of the profile the names."""
    rows: dict[str, dict[str, Any]] = {}
    if before.role != after.role:
        rows[ROLE_CHANGED] = {"role": {"from": before.role, "to": after.role}}
    if before.status != after.status:
        action = DISABLED_USER if after.status == DISABLED else ENABLED
        rows[action] = {"status": {"from": before.status, "to": after.status}}
    fields = [name for name in _PROFILE if getattr(before, name) != getattr(after, name)]
    return rows | ({UPDATED: {"fields": fields}} if fields else {})


def _bind_at_once(client_id: UUID, user: User, *, reason: str) -> int:
    """End a user's sessions and make every process read its keys anew; one who is disabled has no codes left either."""
    ended = sessions.revoke_all(client_id, user.user_id, reason=reason)
    if user.status == DISABLED:
        codes.delete_of_user(client_id, user.user_id)
    clients.touch(client_id)
    return ended
