"""Taking a user's second factors away: for somebody who has lost the phone and the recovery codes with it."""

from uuid import UUID

from app.accounts import mailed_codes, mails
from app.audit import service as audit
from app.clients import service as clients
from app.core import db
from app.core.actors import Actor, KeyActor
from app.core.errors import Conflict
from app.keys import service as keys
from app.mail.models import MFA_CHANGED
from app.mfa import service as mfa
from app.sessions import service as sessions
from app.user_management import rights
from app.users import service as users

RESET = "mfa.reset"
_CHANGE = "All second factors were taken away by an admin"


def reset_factors(actor: Actor, client_id: UUID, user_id: UUID) -> int:
    """Delete all second factors of a user, end its sessions and own keys, tell it by mail; return how many there were.

    Where the client's policy asks for a factor, the next login leads to setting one up. For a user who has none,
    nothing is done. Raises NotFound, BeyondOwnRights, and Conflict for one's own factors, by a key of one's own too.
    """
    if user_id in (actor.user_id, actor.owner if isinstance(actor, KeyActor) else None):
        raise Conflict("Your own factors are removed below /me, by a session that is fresh.")
    with db.unit_of_work():
        client = clients.lock(client_id)
        user = rights.require(client_id, user_id)
        rights.check_over(actor, client_id, user, action=RESET)
        users.hold(client_id, user_id)  # as whoever changes their own factors does
        deleted = mfa.delete_of_user(client_id, user_id)
        if not deleted:
            return 0
        mailed_codes.void_all(client_id, user_id)
        ended = sessions.revoke_all(client_id, user_id, reason=RESET)
        detail = {"factors": deleted, "sessions_ended": ended, "keys_ended": keys.end_of_user(client_id, user_id)}
        mails.send(client, MFA_CHANGED, user.email, values=mails.named(user) | {"change": _CHANGE})
        audit.record(actor, RESET, client_id=client_id, user_id=user_id, detail=detail)
    return deleted
