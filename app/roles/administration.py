"""Listing, making, changing and deleting the roles of a client."""

import re
from collections.abc import Callable
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, db
from app.core.actors import Actor
from app.core.errors import Conflict, NotFound, ValidationFailed
from app.roles import service, store
from app.roles.models import Role
from app.roles.service import ADMIN, FIXED, SUPER_ADMIN, USER, USER_SCOPES

UPDATED, DELETED = "role.update", "role.delete"
NAME = re.compile(r"[a-z][a-z0-9_-]{1,31}")
MOST_ROLES = 100
MOST_CHARACTERS = 4000
"""Of all permissions of a role together: access tokens carry them, and a header holds 8 KiB."""
BUILT_IN = (SUPER_ADMIN, ADMIN, USER)


def every(client_id: UUID) -> list[Role]:
    """Return a client's roles, the built-in ones among them."""
    with db.reading():
        client, rows = clients.require(client_id), store.of_client(client_id)
    own = {name: Role(name, held, name == USER, *times) for name, held, *times in rows}
    built_in = BUILT_IN if client.is_platform else BUILT_IN[1:]
    return [*own.values(), *(_built_in(name) for name in built_in if name not in own)]


def show(client_id: UUID, name: str) -> Role:
    """Return a role; raises NotFound."""
    for role in every(client_id):
        if role.name == name:
            return role
    raise NotFound()


def put(actor: Actor, client_id: UUID, name: str, permissions: list[str]) -> Role:
    """Make a role, or change what it holds; this binds from the next request of each of its holders on.

    Raises ValidationFailed (`name`; `permissions` that are too long together), Conflict for a fixed role and for one
    role too many, and BeyondOwnRights where the role holds, or would hold, what the caller does not.
    """
    if not NAME.fullmatch(name):
        message = "Two to 32 lower-case letters, digits, dashes and underscores; a letter first."
        raise ValidationFailed({"name": [message]})
    if name in FIXED:
        raise Conflict(f"The role {name} is built in and cannot be changed.")
    with db.unit_of_work():
        clients.lock(client_id)
        rows = {row.name: row for row in store.of_client(client_id)}
        before = service.scopes_from(name, rows[name].permissions if name in rows else None)
        _check_rights(actor, client_id, name, before | frozenset(permissions), action=UPDATED)
        _check_size(before, permissions)
        if name not in {USER, *rows} and len(rows.keys() - {USER}) >= MOST_ROLES:
            raise Conflict(f"There are {MOST_ROLES} roles; delete one first.")
        role = _stored(client_id, name, sorted(permissions), rows.get(name))
        clients.touch(client_id)
        audit.record(actor, UPDATED, client_id=client_id, detail=_told(name, before, frozenset(permissions)))
    return role


def delete(actor: Actor, client_id: UUID, name: str, *, count_holders: Callable[[UUID, str], int]) -> None:
    """Delete a role that nobody holds, by the count of `count_holders`, which is called in the unit of work.

    Raises NotFound, Conflict for a built-in role and while users hold it, and BeyondOwnRights where the role holds
    what the caller does not.
    """
    with db.unit_of_work():
        clients.lock(client_id)
        if name in FIXED or name == USER:
            raise Conflict(f"The role {name} is built in and cannot be deleted.")
        held = store.permissions(client_id, name) if NAME.fullmatch(name) else None
        if held is None:
            raise NotFound()
        _check_rights(actor, client_id, name, frozenset(held), action=DELETED)
        holders = count_holders(client_id, name)
        if holders:
            raise Conflict(f"{holders} {'user holds' if holders == 1 else 'users hold'} this role.", users=holders)
        store.remove(client_id, name)
        audit.record(actor, DELETED, client_id=client_id, detail={"role": name, "removed": sorted(held)})


def beyond_bound() -> list[tuple[UUID, str, int]]:
    """Return the clients' roles from before their bound, with their characters; in the unit in force."""
    sized = [(row.client_id, row.name, sum(map(len, row.permissions))) for row in store.as_long_as(MOST_CHARACTERS)]
    return [(client_id, name, size) for client_id, name, size in sized if size > MOST_CHARACTERS]


def _built_in(name: str) -> Role:
    return Role(name, sorted(service.scopes_from(name, None)), built_in=True)


def _check_rights(actor: Actor, client_id: UUID, name: str, scopes: frozenset[str], *, action: str) -> None:
    missing = service.lacking(actor, scopes)
    if missing:
        service.refuse(actor, client_id, name, missing, action=action)


def _check_size(before: frozenset[str], permissions: list[str]) -> None:
    """Refuse what tokens cannot carry; who only takes away is never held up, though a role of old be larger."""
    size = sum(map(len, permissions))
    if size > MOST_CHARACTERS and not before.issuperset(permissions):
        message = f"All permissions together have at most {MOST_CHARACTERS:,} characters; these have {size:,}."
        raise ValidationFailed({"permissions": [message]})


def _stored(client_id: UUID, name: str, held: list[str], row: db.AnyRow | None) -> Role:
    """Store what a role holds; of `user` nothing is kept that is built in."""
    now = clock.now()
    if name == USER and frozenset(held) == USER_SCOPES:
        store.remove(client_id, name)
        return _built_in(name)
    if row is None:
        store.add(client_id, name, held, moment=now)
    else:
        store.change(client_id, name, held, moment=now)
    return Role(name, held, name == USER, now if row is None else row.created_at, now)


def _told(name: str, before: frozenset[str], after: frozenset[str]) -> dict[str, object]:
    return {"role": name, "added": sorted(after - before), "removed": sorted(before - after)}
