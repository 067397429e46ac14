"""Proving that the mailbox of an account is its user's: the mail, another one, and the code that comes back."""

from typing import Any
from uuid import UUID

from app.accounts import mailed_codes, mails, password_reset
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import VERIFY_EMAIL
from app.core import db, errors
from app.core.actors import Actor
from app.mail.models import EMAIL_VERIFY, SIGNUP_ATTEMPT
from app.users import service as users
from app.users.models import User

PAGE = "verify-email"
VERIFIED, RESENT = "email.verify", "email.resend"


def send_if_asked(client: Client, user: User, *, redirect_to: str | None = None) -> bool:
    """Mail a new user the code that proves its address, where nobody has vouched for it and the client wants proof.

    Returns False where it is one mail too many (see send).
    """
    if client.settings.email_verification == "off" or user.email_verified:
        return True
    return send(client, user, user.email, redirect_to=redirect_to)


def send(
    client: Client,
    user: User | None,
    email: str,
    *,
    eligible: bool = True,
    sign_up: dict[str, Any] | None = None,
    redirect_to: str | None = None,
) -> bool:
    """Mail a code that proves an address, in the unit of work in force; earlier ones are void.

    Returns False where the address has had its mails of this hour: then none leaves, and an earlier code stays good.
    `sign_up` is the profile that the code puts in place when it comes back. For whoever is not `eligible` the same work
    is done, and nothing is sent.
    """
    room = mails.has_room(client, EMAIL_VERIFY, email)
    sent = eligible and room
    code, named = _issue(client.client_id, user, email, eligible=sent, sign_up=sign_up), mails.named(user)
    mails.send(client, EMAIL_VERIFY, email, code, PAGE, redirect_to=redirect_to, deliverable=sent, values=named)
    return room


def warn(client: Client, email: str, *, deliverable: bool) -> bool:
    """Tell the owner of an address that somebody signed up with it; work and answer are those of send()."""
    room = mails.has_room(client, SIGNUP_ATTEMPT, email)
    _issue(client.client_id, None, email, eligible=False, sign_up={})
    mails.send(client, SIGNUP_ATTEMPT, email, deliverable=deliverable and room)
    return room


def contest(client: Client, user: User, email: str, *, redirect_to: str | None = None) -> bool:
    """Let the mailbox decide between two sign-ups of one address: whoever reads it chooses a password of their own.

    One of the two is a stranger's, and nobody knows which. So no link that is out confirms either of their passwords:
    a code that nobody gets voids those, and says to resend() what is at stake. Returns what password_reset.send() does.
    """
    _issue(client.client_id, user, email, eligible=True, sign_up={}, contested=True)
    return password_reset.send(client, user, email, redirect_to=redirect_to)


def resend(actor: Actor, client_id: UUID, *, email: str, redirect_to: str | None = None) -> None:
    """Mail another code to an address that waits to be proved; for every other the same work is done.

    Raises InvalidRequest for a `redirect_to` that is not the client's.
    """
    client = mailed_codes.client_of(actor, client_id, redirect_to, action=RESENT)
    with db.unit_of_work():
        user = users.find_by_email(client_id, email)
        reason = mailed_codes.why_none(user) or ("email_verified" if user and user.email_verified else None)
        room = send_again(client, user, email, eligible=reason is None, redirect_to=redirect_to)
        reason = reason or (None if room else mailed_codes.TOO_MANY)
        mailed_codes.note_request(actor, RESENT, user, reason=reason)


def send_again(
    client: Client, user: User | None, email: str, *, eligible: bool = True, redirect_to: str | None = None
) -> bool:
    """Mail another code, in the unit of work in force, which means what the newest one meant; returns what send() does.

    Where two have signed up with the address, a password is chosen.
    """
    newest = codes.newest(client.client_id, mailed_codes.subject(user, eligible=eligible), VERIFY_EMAIL)
    if newest is not None and newest.payload["contested"]:
        return password_reset.send(client, user, email, redirect_to=redirect_to)
    sign_up = newest.payload["sign_up"] if newest else None
    return send(client, user, email, eligible=eligible, sign_up=sign_up, redirect_to=redirect_to)


def is_unused_sign_up(client_id: UUID, user: User) -> bool:
    """Whether a user came by a sign-up that still waits for its proof, and has never been anything else.

    Whoever an admin, an import, a registration or an invitation made, and whoever has logged in, is somebody already.
    """
    newest = codes.newest(client_id, user.user_id, VERIFY_EMAIL)
    signed_up = newest is not None and newest.payload["sign_up"] is not None
    return signed_up and not user.email_verified and users.is_unused(user)


def verify(actor: Actor, client_id: UUID, *, token: str) -> None:
    """Note that an address is its user's; raises InvalidCode."""
    try:
        _verify(actor, client_id, token)
    except errors.Conflict:  # somebody took the username at this very moment: now it is seen to be taken
        _verify(actor, client_id, token)


def _verify(actor: Actor, client_id: UUID, token: str) -> None:
    with db.unit_of_work():
        clients.lock_active(client_id)  # before the user's row, as whoever manages users takes them
        code, user_id = mailed_codes.redeem(actor, client_id, VERIFY_EMAIL, token, action=VERIFIED)
        profile = (code.payload["sign_up"] or {}).get("profile")
        user = users.prove_mailbox(client_id, user_id, email=code.payload["email"], profile=profile, first=True)
        if user is None:
            mailed_codes.refuse(actor, client_id, VERIFIED, InvalidCode(), user_id=user_id)
        codes.void(client_id, user_id, VERIFY_EMAIL)
        audit.record(actor, VERIFIED, client_id=client_id, user_id=user_id)


def _issue(
    client_id: UUID,
    user: User | None,
    email: str,
    *,
    eligible: bool,
    sign_up: dict[str, Any] | None,
    contested: bool = False,
) -> str:
    payload = {"email": email, "sign_up": sign_up, "contested": contested}
    return codes.issue(client_id, mailed_codes.subject(user, eligible=eligible), VERIFY_EMAIL, payload=payload)
