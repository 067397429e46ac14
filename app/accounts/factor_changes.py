"""What every change of somebody's second factors brings: other sessions end, a mail tells, one audit row stays."""

from typing import Any

from app.accounts import mails
from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import MFA_ENROLLMENT, MFA_PENDING
from app.core import errors
from app.core.actors import EnrolleeActor
from app.mail.models import MFA_CHANGED
from app.mfa import policy
from app.mfa import service as mfa
from app.roles import service as roles
from app.sessions import service as sessions
from app.users import service as users
from app.users.models import User

Enroller = SignedIn | EnrolleeActor
"""Who adds a factor: a user with a session, or one who gets none before."""


def begin(actor: Enroller) -> tuple[Client, User]:
    """Return client and user of a change; no other unit of work changes either user or factors until this one ends.

    Raises TokenRevoked where the user has just been deleted, AuthenticationRequired where an enrolment is over.
    """
    client, user = clients.require(actor.client), users.hold(actor.client, actor.user)
    if user is None:
        raise errors.TokenRevoked()
    if isinstance(actor, EnrolleeActor) and codes.find(actor.client, MFA_ENROLLMENT, actor.token) is None:
        raise errors.AuthenticationRequired()
    return client, user


def check_left(client: Client, user: User) -> None:
    """Raise LastFactor where a removal in the unit of work in force leaves less than the client's policy asks for."""
    if not mfa.has_second_factor(client.client_id, user.user_id):
        scopes = roles.scopes_of(client.client_id, user.role)
        policy.check_may_be_without(client.settings, role=user.role, scopes=scopes)


def finish(actor: Enroller, client: Client, user: User, action: str, detail: dict[str, Any] | None = None) -> None:
    """End the user's other sessions and half logins, spend an enrolment, tell the user by mail, write the audit row."""
    if isinstance(actor, EnrolleeActor):
        try:
            codes.redeem(actor.client, MFA_ENROLLMENT, actor.token)
        except InvalidCode as spent:
            raise errors.AuthenticationRequired() from spent
    codes.void(client.client_id, user.user_id, MFA_ENROLLMENT, MFA_PENDING)
    keep = None if isinstance(actor, EnrolleeActor) else actor.session_id
    ended = sessions.revoke_all(client.client_id, user.user_id, keep=keep, reason=action)
    mails.send(client, MFA_CHANGED, user.email, values={"full_name": user.full_name or ""})
    audit.record(actor, action, detail={"sessions_ended": ended, **(detail or {})})
