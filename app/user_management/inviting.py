"""Inviting somebody once more, whose first mail got lost or is too old."""

from uuid import UUID

from app.accounts import invitation, mailed_codes, mails
from app.audit import service as audit
from app.clients import service as clients
from app.core import db
from app.core.actors import Actor
from app.core.errors import Conflict
from app.user_management import rights
from app.users.models import INVITED

INVITED_AGAIN = "user.invite"


def invite_again(actor: Actor, client_id: UUID, user_id: UUID, *, redirect_to: str | None = None) -> None:
    """Mail an invited user another invitation; the one before works no more.

    Where the address has had its invitations of this hour none leaves and the newest stays good, as the audit row
    says. Raises NotFound, BeyondOwnRights, Conflict for whoever has accepted, and InvalidRequest for `redirect_to`.
    """
    with db.unit_of_work():
        client = clients.lock(client_id)
        user = rights.require(client_id, user_id)
        rights.check_over(actor, client_id, user, action=INVITED_AGAIN)
        if user.status != INVITED:
            raise Conflict("This user is not waiting for an invitation.")
        mails.check_redirect(client, redirect_to)
        sent = invitation.invite(actor, client, user, redirect_to=redirect_to)
        detail = {} if sent else {"reason": mailed_codes.TOO_MANY}
        audit.record(actor, INVITED_AGAIN, client_id=client_id, user_id=user_id, failed=not sent, detail=detail)
