"""Roles as others use them: the scopes that each holds, and who may give which to whom."""

from collections.abc import Collection
from typing import NoReturn
from uuid import UUID

from app.audit import service as audit
from app.core import db
from app.core.actors import Actor, ClientActor, KeyActor, SystemActor, UserActor
from app.core.errors import ValidationFailed
from app.roles import store
from app.roles.errors import BeyondOwnRights

USER, ADMIN, SUPER_ADMIN = "user", "admin", "super_admin"

IMPERSONATE = "users:impersonate"
MANAGEMENT_SCOPES = frozenset(
    {
        "apps:read",
        "apps:write",
        "audit:read",
        "keys:read",
        "keys:verify",
        "keys:write",
        "roles:read",
        "roles:write",
        "storage:read",
        "tokens:introspect",
        "usage:read",
        "usage:write",
        IMPERSONATE,
        "users:read",
        "users:write",
        "webhooks:write",
    }
)
RESERVED_SCOPES = frozenset({"read", "write", "admin"}) | MANAGEMENT_SCOPES
"""The scopes that mean something to this service; every other word is a client's own."""
USER_SCOPES = frozenset({"read", "write"})
"""What the role `user` holds unless its client has changed it."""
FIXED = frozenset({ADMIN, SUPER_ADMIN})
"""The roles that hold everything, and that nobody changes; `super_admin` is the platform's alone."""


def scopes_from(role: str, stored: Collection[str] | None) -> frozenset[str]:
    """Return the scopes of a role, given what its client has stored of it; none for one that is not known."""
    if role in FIXED:
        return RESERVED_SCOPES
    if stored is not None:
        return frozenset(stored)
    return USER_SCOPES if role == USER else frozenset()


def scopes_of(client_id: UUID, role: str) -> frozenset[str]:
    """Return the scopes of a client's role, in the unit in force or by itself; none for one that is not known."""
    if role in FIXED:
        return RESERVED_SCOPES
    with db.reading():
        return scopes_from(role, store.permissions(client_id, role))


def require(client_id: UUID, name: str) -> frozenset[str]:
    """Return the scopes of a role that users of a client can be given; raises ValidationFailed (`role`)."""
    if name in (ADMIN, USER):
        return scopes_of(client_id, name)
    with db.reading():
        stored = None if name == SUPER_ADMIN else store.permissions(client_id, name)
    if stored is None:
        raise ValidationFailed({"role": ["There is no such role."]})
    return frozenset(stored)


def check_assignable(actor: Actor, client_id: UUID, role: str, *, action: str, to_user: UUID | None = None) -> None:
    """Raise BeyondOwnRights where a caller would give a role that holds more than itself; `super_admin` always does.

    Called in a unit of work before it writes anything: the audit row of a refusal, `action`, is written in it, and
    stays. Raises ValidationFailed as require() does. Whoever then stores the role holds the client's row
    (clients.lock), so that nobody deletes the role meanwhile.
    """
    if role == SUPER_ADMIN:
        told = "Nobody is made an operator by this API."
        refuse(actor, client_id, role, frozenset(), action=action, to_user=to_user, told=told)
    missing = lacking(actor, require(client_id, role))
    if missing:
        refuse(actor, client_id, role, missing, action=action, to_user=to_user)


def runs_something(scopes: Collection[str]) -> bool:
    """Return whether some scopes let their holder help to run a client: the console is for such people."""
    return not (MANAGEMENT_SCOPES | {ADMIN}).isdisjoint(scopes)


def reading(scopes: frozenset[str]) -> frozenset[str]:
    """Return what of some scopes only reads: `read`, and each `…:read`."""
    return frozenset(scope for scope in scopes if scope == "read" or scope.endswith(":read"))


def lacking(actor: Actor, scopes: frozenset[str]) -> frozenset[str]:
    """Return what of some scopes a caller does not hold, and so cannot hand on.

    An access key has everything; an admin has, beside its role's scopes, the client's own words.
    """
    if isinstance(actor, ClientActor | SystemActor):
        return frozenset()
    held: frozenset[str] = actor.scopes if isinstance(actor, UserActor | KeyActor) else frozenset()
    missing = scopes - held
    return missing & RESERVED_SCOPES if isinstance(actor, UserActor) and ADMIN in held else missing


def refuse(
    actor: Actor,
    client_id: UUID,
    role: str,
    missing: frozenset[str],
    *,
    action: str,
    to_user: UUID | None = None,
    told: str | None = None,
) -> NoReturn:
    """Write the audit row of a refused attempt in the unit of work in force, and raise BeyondOwnRights."""
    detail = {"role": role, "reason": BeyondOwnRights.code, "missing": sorted(missing)}
    audit.record(actor, action, client_id=client_id, user_id=to_user, failed=True, detail=detail)
    raise BeyondOwnRights(told or f"You do not hold {', '.join(sorted(missing))}.", missing=sorted(missing))
