"""Changing one's e-mail address: it stays what it was until the new mailbox has answered."""

from uuid import UUID

from app.accounts import mailed_codes, mails
from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import CHANGE_EMAIL
from app.core import db
from app.core.actors import Actor
from app.core.errors import Conflict, ValidationFailed
from app.mail.models import EMAIL_CHANGE, EMAIL_CHANGE_NOTICE, EMAIL_CHANGED, SIGNUP_ATTEMPT
from app.sessions import service as sessions
from app.users import service as users
from app.users.models import DISABLED

PAGE = "change-email"
ASKED, CHANGED = "email.change_request", "email.change"


def request(actor: SignedIn, *, email: str, redirect_to: str | None = None) -> None:
    """Mail a code to the new address, and a notice to the old one.

    An address that is taken is answered alike: its owner is told of it, and no code leaves. Raises InvalidRequest for
    a `redirect_to` that is not the client's, ValidationFailed for the address that the caller has.
    """
    old, named = actor.profile.email, mails.named(actor.profile)
    if email == old:
        raise ValidationFailed({"email": ["This is your address already."]})
    with db.unit_of_work():
        client, owner = clients.require(actor.client), users.find_by_email(actor.client, email)
        payload = {"email": email, "instead_of": old, "session_id": str(actor.session_id)}
        code = codes.issue(actor.client, actor.user, CHANGE_EMAIL, payload=payload)
        if owner is None:
            mails.send(client, EMAIL_CHANGE, email, code, PAGE, redirect_to=redirect_to, values=named)
        else:
            mails.check_redirect(client, redirect_to)
            mails.send(client, SIGNUP_ATTEMPT, email, deliverable=owner.status != DISABLED)
        mails.send(client, EMAIL_CHANGE_NOTICE, old, values=named)
        audit.record(actor, ASKED)


def confirm(actor: Actor, client_id: UUID, *, token: str) -> None:
    """Put the proved address in place; all sessions but the one that asked for it end. Raises InvalidCode."""
    try:
        _confirm(actor, client_id, token)
    except Conflict:  # somebody has the address by now; the unique index decides
        with db.unit_of_work():
            _, user_id = mailed_codes.redeem(actor, client_id, CHANGE_EMAIL, token, action=CHANGED)
            mailed_codes.refuse(actor, client_id, CHANGED, InvalidCode(), user_id=user_id)


def _confirm(actor: Actor, client_id: UUID, token: str) -> None:
    with db.unit_of_work():
        client = clients.require_active(client_id)
        code, user_id = mailed_codes.redeem(actor, client_id, CHANGE_EMAIL, token, action=CHANGED)
        asked = code.payload
        if not users.change_email(client_id, user_id, email=asked["email"], expected=asked["instead_of"]):
            mailed_codes.refuse(actor, client_id, CHANGED, InvalidCode(), user_id=user_id)
        mailed_codes.void_all(client_id, user_id)
        ended = sessions.revoke_all(client_id, user_id, keep=UUID(asked["session_id"]), reason=CHANGED)
        mails.send(client, EMAIL_CHANGED, asked["instead_of"])
        audit.record(actor, CHANGED, client_id=client_id, user_id=user_id, detail={"sessions_ended": ended})
