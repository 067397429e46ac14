"""Acting for a user: an admin sees what the user sees, for 15 minutes, and changes nothing."""

from uuid import UUID

from app.accounts import authentication
from app.accounts.subjects import subject_of
from app.audit import service as audit
from app.clients import service as clients
from app.core import db, errors
from app.core.actors import UserActor
from app.roles import service as roles
from app.sessions import impersonation
from app.sessions.models import Impersonation
from app.user_management import rights
from app.users.models import ACTIVE, User

IMPERSONATED = "user.impersonate"


def impersonate(actor: UserActor, client_id: UUID, user_id: UUID, *, reason: str) -> tuple[User, Impersonation]:
    """Begin a session in which the caller acts for a user; the token says so (`act`, RFC 8693, 4.1).

    Its scopes are those of the user's that only read. Raises NotFound, BeyondOwnRights for an admin, or whoever holds
    what the caller lacks, Conflict for the caller and for a user who could not log in, and TokenRevoked for a caller
    whose own session has just ended.
    """
    with db.unit_of_work():
        # Held, so that neither's role or status changes meanwhile: whoever changes it ends the sessions there are.
        client = clients.lock(client_id)
        own = authentication.session_of(actor)
        user = rights.require(client_id, user_id)
        if user_id == actor.user:
            raise errors.Conflict("Nobody acts for themselves: use your own token.")
        held = _held_below(actor, client_id, user)
        if user.status != ACTIVE:
            raise errors.Conflict("Only an active user can be impersonated.")
        subject = subject_of(
            user,
            client_id=client_id,
            client_version=client.version,
            settings=client.settings,
            scopes=roles.reading(held),
        )
        begun = impersonation.start(
            subject,
            impersonator_id=actor.user,
            authenticated_at=own.authenticated_at,
            amr=own.amr,
            origin=actor.origin,
        )
        detail = {"reason": reason, "session_id": str(begun.session_id)}
        audit.record(actor, IMPERSONATED, client_id=client_id, user_id=user_id, detail=detail)
    return user, begun


def _held_below(actor: UserActor, client_id: UUID, user: User) -> frozenset[str]:
    """Return what a user holds; raises BeyondOwnRights for an admin, and for rights over others that the caller lacks.

    `read` and `write` are what every user holds for themselves: they put nobody above anybody.
    """
    held = roles.scopes_of(client_id, user.role)
    missing = roles.lacking(actor, held - roles.USER_SCOPES)
    if roles.ADMIN in held or missing:
        told = "Nobody acts for an admin, or for a user who holds rights that they do not hold."
        rights.refuse(actor, client_id, user, action=IMPERSONATED, told=told, missing=missing)
    return held
