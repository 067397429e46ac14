"""Proving that the mailbox of an account is its user's: the mail, another one, and the code that comes back."""

from typing import Any
from uuid import UUID

from app.accounts import first_proof, mailed_codes, mails
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import VERIFY_EMAIL, Code
from app.core import db, errors
from app.core.actors import Actor
from app.mail.models import EMAIL_VERIFY, SIGNUP_ATTEMPT
from app.users import service as users
from app.users.models import INVITED, User

PAGE = "verify-email"
VERIFIED, RESENT = "email.verify", "email.resend"


def send(
    client: Client,
    user: User | None,
    email: str,
    *,
    eligible: bool = True,
    sign_up: dict[str, Any] | None = None,
    redirect_to: str | None = None,
) -> None:
    """Mail a code that proves an address, in the unit of work in force; earlier ones are void.

    `sign_up` is what the code puts in place when it comes back: a profile, and a password hash where a sign-up found
    an account that nobody had proved. For whoever is not `eligible` the same work is done, and nothing is sent.
    """
    code = _issue(client.client_id, user, email, eligible=eligible, sign_up=sign_up)
    named = mails.named(user)
    mails.send(client, EMAIL_VERIFY, email, code, PAGE, redirect_to=redirect_to, deliverable=eligible, values=named)


def warn(client: Client, email: str, *, sign_up: dict[str, Any], deliverable: bool) -> None:
    """Tell the owner of an address that somebody signed up with it; the work is that of send()."""
    _issue(client.client_id, None, email, eligible=False, sign_up=sign_up)
    mails.send(client, SIGNUP_ATTEMPT, email, deliverable=deliverable)


def resend(actor: Actor, client_id: UUID, *, email: str, redirect_to: str | None = None) -> None:
    """Mail another code to an address that waits to be proved; for every other the same work is done.

    It means what the newest one meant. Raises InvalidRequest for a `redirect_to` that is not the client's.
    """
    with db.unit_of_work():
        client, user = clients.require(client_id), users.find_by_email(client_id, email)
        waiting = mailed_codes.is_unproved(user)
        newest = codes.newest(client_id, mailed_codes.subject(user, eligible=waiting), VERIFY_EMAIL)
        sign_up = newest.payload.get("sign_up") if newest else None
        # Who is invited proves the mailbox by the invitation, unless there was a sign-up as well.
        eligible = waiting and (sign_up is not None or (user is not None and user.status != INVITED))
        send(client, user, email, eligible=eligible, sign_up=sign_up, redirect_to=redirect_to)
        audit.record(actor, RESENT, user_id=user.user_id if user else None, failed=not eligible)


def verify(actor: Actor, client_id: UUID, *, token: str) -> None:
    """Note that an address is its user's; raises InvalidCode.

    The code of a sign-up that found an unproved account puts its own password and profile in place of the stranger's,
    whose sessions and keys end.
    """
    try:
        _verify(actor, client_id, token)
    except errors.Conflict:  # somebody took the username at this very moment: now it is seen to be taken
        _verify(actor, client_id, token)


def _verify(actor: Actor, client_id: UUID, token: str) -> None:
    with db.unit_of_work():
        clients.lock_active(client_id)  # before the user's row, as whoever manages users takes them
        code, user_id = mailed_codes.redeem(actor, client_id, VERIFY_EMAIL, token, action=VERIFIED)
        sign_up = code.payload.get("sign_up") or {}
        user = _proved(client_id, user_id, code, sign_up)
        if user is None:
            mailed_codes.refuse(actor, client_id, VERIFIED, InvalidCode(), user_id=user_id)
        if "password_hash" in sign_up:
            first_proof.wipe(client_id, user)
        else:
            codes.void(client_id, user_id, VERIFY_EMAIL)
        audit.record(actor, VERIFIED, client_id=client_id, user_id=user_id)


def _proved(client_id: UUID, user_id: UUID, code: Code, sign_up: dict[str, Any]) -> User | None:
    return users.prove_mailbox(
        client_id,
        user_id,
        email=code.payload["email"],
        password_hash=sign_up.get("password_hash"),
        profile=sign_up.get("profile"),
        first=True,
    )


def _issue(client_id: UUID, user: User | None, email: str, *, eligible: bool, sign_up: dict[str, Any] | None) -> str:
    payload = {"email": email, "sign_up": sign_up}
    return codes.issue(client_id, mailed_codes.subject(user, eligible=eligible), VERIFY_EMAIL, payload=payload)
