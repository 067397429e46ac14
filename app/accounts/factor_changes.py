"""What every change of somebody's second factors brings: other sessions and own keys end, a mail tells, a row stays."""

from typing import Any

from app.accounts import authentication, mails
from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import MFA_ENROLLMENT
from app.core import errors
from app.core.actors import EnrolleeActor
from app.keys import service as keys
from app.mail.models import MFA_CHANGED
from app.mfa import policy
from app.mfa import service as mfa
from app.roles import service as roles
from app.sessions import service as sessions
from app.users import service as users
from app.users.models import User

TOTP_ENABLED, TOTP_DISABLED, CODES_RENEWED = "totp.enable", "totp.disable", "recovery_codes.renew"
PASSKEY_ADDED, PASSKEY_REMOVED = "passkey.create", "passkey.delete"
CHANGES = {
    TOTP_ENABLED: "An authenticator app was set up",
    TOTP_DISABLED: "The authenticator app was removed",
    CODES_RENEWED: "New recovery codes were made, and the ones before work no more",
    PASSKEY_ADDED: "A passkey was added",
    PASSKEY_REMOVED: "A passkey was removed",
}
"""By the action of the audit row, what the mail says has changed."""
Enroller = SignedIn | EnrolleeActor
"""Who adds a factor: a user with a session, or one who gets none before."""


def begin(actor: Enroller) -> tuple[Client, User]:
    """Return client and user of a change; no other unit of work changes either user or factors until this one ends.

    Raises what require_live() raises where the session has just been ended or the user deleted, and
    AuthenticationRequired where an enrolment is over.
    """
    # The client's row first, as whoever manages users or keys takes them.
    client, user = clients.lock(actor.client), users.hold(actor.client, actor.user)
    if user is None:
        raise errors.TokenRevoked()
    if not isinstance(actor, EnrolleeActor):
        authentication.session_of(actor)
    elif codes.find(actor.client, MFA_ENROLLMENT, actor.token) is None:
        raise errors.AuthenticationRequired()
    return client, user


def check_left(client: Client, user: User) -> None:
    """Raise LastFactor where a removal in the unit of work in force leaves less than the client's policy asks for."""
    if not mfa.has_second_factor(client.client_id, user.user_id):
        scopes = roles.scopes_of(client.client_id, user.role)
        policy.check_may_be_without(client.settings, role=user.role, scopes=scopes)


def finish(actor: Enroller, client: Client, user: User, action: str, detail: dict[str, Any] | None = None) -> None:
    """End the user's other sessions, half logins and own keys, spend an enrolment, tell by mail, write the row."""
    if isinstance(actor, EnrolleeActor):
        try:
            codes.redeem(actor.client, MFA_ENROLLMENT, actor.token)
        except InvalidCode as spent:
            raise errors.AuthenticationRequired() from spent
    keep = None if isinstance(actor, EnrolleeActor) else actor.session_id
    ended = sessions.revoke_all(client.client_id, user.user_id, keep=keep, reason=action)
    told = {"sessions_ended": ended, "keys_ended": keys.end_of_user(client.client_id, user.user_id)}
    mails.send(client, MFA_CHANGED, user.email, values=mails.named(user) | {"change": CHANGES[action]})
    audit.record(actor, action, detail=told | (detail or {}))
