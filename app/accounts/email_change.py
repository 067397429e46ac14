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
from app.keys import service as keys
from app.mail.models import EMAIL_CHANGE, EMAIL_CHANGE_ATTEMPT, EMAIL_CHANGE_NOTICE, EMAIL_CHANGED
from app.sessions import service as sessions
from app.users import service as users

PAGE = "change-email"
ASKED, CHANGED = "email.change_request", "email.change"


def request(actor: SignedIn, *, email: str, redirect_to: str | None = None) -> None:
    """Mail a code to the new address, and a notice to the old one.

    An address that is taken is answered alike: its owner is told of it, and no code leaves. One that has had its mails
    of this hour gets none, and a code from before stays good. Raises InvalidRequest for
    a `redirect_to` that is not the client's, ValidationFailed for the address that the caller has.
    """
    old, named = actor.profile.email, mails.named(actor.profile)
    if email == old:
        raise ValidationFailed({"email": ["This is your address already."]})
    client = mailed_codes.client_of(actor, actor.client, redirect_to, action=ASKED)
    with db.unit_of_work():
        owner = users.find_by_email(actor.client, email)
        kind = EMAIL_CHANGE if owner is None else EMAIL_CHANGE_ATTEMPT
        # A disabled owner is told too: otherwise its mails would never be too many, which the caller's own code shows.
        room = mails.has_room(client, kind, email)
        payload = {"email": email, "instead_of": old, "session_id": str(actor.session_id)}
        code = codes.issue(
            actor.client, mailed_codes.subject(actor.profile, eligible=room), CHANGE_EMAIL, payload=payload
        )
        if owner is None:
            mails.send(client, kind, email, code, PAGE, redirect_to=redirect_to, deliverable=room, values=named)
        else:
            mails.send(client, kind, email, deliverable=room)
        mails.send(client, EMAIL_CHANGE_NOTICE, old, deliverable=room, values=named)
        mailed_codes.note_request(actor, ASKED, actor.profile, reason=None if room else mailed_codes.TOO_MANY)


def confirm(actor: Actor, client_id: UUID, *, token: str) -> None:
    """Put the proved address in place; own keys end, and all sessions but the one that asked for it.

    Raises InvalidCode, also where that session has been ended since: whoever ended it may have feared just this.
    """
    try:
        _confirm(actor, client_id, token)
    except Conflict:  # somebody has the address by now; the unique index decides
        with db.unit_of_work():
            _, user_id = mailed_codes.redeem(actor, client_id, CHANGE_EMAIL, token, action=CHANGED)
            mailed_codes.refuse(actor, client_id, CHANGED, InvalidCode(), user_id=user_id)


def _confirm(actor: Actor, client_id: UUID, token: str) -> None:
    with db.unit_of_work():
        client = clients.lock_active(client_id)  # before the user's row, as whoever manages users or keys takes them
        code, user_id = mailed_codes.redeem(actor, client_id, CHANGE_EMAIL, token, action=CHANGED)
        asked, asking = code.payload, UUID(code.payload["session_id"])
        if sessions.was_revoked(client_id, asking) or not users.change_email(
            client_id, user_id, email=asked["email"], expected=asked["instead_of"]
        ):
            mailed_codes.refuse(actor, client_id, CHANGED, InvalidCode(), user_id=user_id)
        mailed_codes.void_all(client_id, user_id)
        ended = sessions.revoke_all(client_id, user_id, keep=asking, reason=CHANGED)
        mails.send(client, EMAIL_CHANGED, asked["instead_of"])
        detail = {"sessions_ended": ended, "keys_ended": keys.end_of_user(client_id, user_id)}
        audit.record(actor, CHANGED, client_id=client_id, user_id=user_id, detail=detail)
