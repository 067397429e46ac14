"""Nobody handles a user that holds more than they do, or makes one."""

from typing import NoReturn
from uuid import UUID

from app.audit import service as audit
from app.core import errors
from app.core.actors import Actor
from app.roles import service as roles
from app.roles.errors import BeyondOwnRights
from app.users import service as users
from app.users.models import User


def require(client_id: UUID, user_id: UUID) -> User:
    """Return a user of a client, in the unit in force; raises NotFound."""
    user = users.find(client_id, user_id)
    if user is None:
        raise errors.NotFound()
    return user


def check_over(actor: Actor, client_id: UUID, user: User, *, action: str) -> None:
    """Raise BeyondOwnRights where a user holds more than the caller; the audit row of the attempt stays.

    Called in a unit of work before it writes anything. The role `user` is what every sign-up gets: it is below all who
    manage users.
    """
    missing = frozenset() if user.role == roles.USER else roles.lacking(actor, roles.scopes_of(client_id, user.role))
    if missing:
        refuse(
            actor, client_id, user, action=action, missing=missing, told="This user holds rights that you do not hold."
        )


def check_assignable(actor: Actor, client_id: UUID, role: str, *, action: str, to_user: UUID | None = None) -> None:
    """Raise BeyondOwnRights where the caller may not give a role, ValidationFailed where there is none such."""
    if role != roles.USER:
        roles.check_assignable(actor, client_id, role, action=action, to_user=to_user)


def refuse(
    actor: Actor, client_id: UUID, user: User, *, action: str, told: str, missing: frozenset[str] = frozenset()
) -> NoReturn:
    """Write the audit row of a refused attempt in the unit of work in force, and raise BeyondOwnRights."""
    detail = {"reason": BeyondOwnRights.code, "missing": sorted(missing)}
    audit.record(actor, action, client_id=client_id, user_id=user.user_id, failed=True, detail=detail)
    raise BeyondOwnRights(told, missing=sorted(missing))
