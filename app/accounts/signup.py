"""Sign-up: a new user and its first session, or, where addresses are proved first, a mail; and one audit row."""

from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from app.accounts import email_verification, entry, mailed_codes, new_password
from app.accounts.models import LoggedIn
from app.audit import service as audit
from app.clients import custom_fields
from app.clients import service as clients
from app.clients.models import Client
from app.core import db, errors
from app.core.actors import Actor
from app.idempotency import service as idempotency
from app.idempotency.errors import AlreadyCreated
from app.idempotency.service import IdempotentCall
from app.users import passwords
from app.users import service as users
from app.users.errors import EmailTaken, UsernameTaken
from app.users.models import ACTIVE, User

_SENT = "email_verification"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a sign-up asks for, with the password as its hash."""

    email: str
    hashed: str
    profile: dict[str, Any]
    redirect_to: str | None


def sign_up(
    actor: Actor,
    client_id: UUID,
    *,
    email: str,
    password: str,
    redirect_to: str | None = None,
    call: IdempotentCall | None = None,
    **profile: Any,
) -> LoggedIn | None:
    """Add a user and log it in; None where the client wants the address proved first, and a mail is on its way.

    The password is hashed whether or not the address is taken, so that the time tells nothing. Raises
    PasswordRefused, ValidationFailed for custom_fields, EmailTaken, UsernameTaken, InvalidRequest for `redirect_to`,
    InsufficientScope where the client does not take everybody, and what entry.enter and idempotency.claim raise.
    """
    with db.reading():
        client = clients.require(client_id)
    _check(actor, client, email=email, password=password, fields=profile.get("custom_fields", {}))
    mailed_codes.check_redirect(actor, client, redirect_to, action=entry.SIGNED_UP)
    wanted = _Wanted(email, passwords.hash_password(password), profile, redirect_to)
    if client.settings.email_verification == "required":
        _ask_for_proof(actor, client, call, wanted)
        return None
    return _add(actor, client, call, wanted)


def _add(actor: Actor, client: Client, call: IdempotentCall | None, wanted: _Wanted) -> LoggedIn:
    with db.unit_of_work():
        idempotency.claim(call)
        try:
            user = users.add(client.client_id, email=wanted.email, password_hash=wanted.hashed, **wanted.profile)
        except (EmailTaken, UsernameTaken) as taken:
            idempotency.give_up(call)
            mailed_codes.refuse(actor, client.client_id, entry.SIGNED_UP, taken)
        idempotency.finish(call, user_id=user.user_id)
        email_verification.send_if_asked(client, user, redirect_to=wanted.redirect_to)
        return entry.enter(actor, client, user, amr=["pwd"], action=entry.SIGNED_UP)


def _ask_for_proof(actor: Actor, client: Client, call: IdempotentCall | None, wanted: _Wanted) -> None:
    """Add a user who has yet to prove the mailbox; where the address is taken, do the same work and change nothing.

    Where another sign-up waits for its proof, one of the two is a stranger's: the mailbox decides. Whoever else has the
    address is told, save who is disabled, or has an invitation to follow. A username waits for the proof too: a refusal
    here would tell, at the second try, whether the first one made an account.
    """
    shown = {name: value for name, value in wanted.profile.items() if name != "username"}
    with db.unit_of_work():
        if not _claimed(call):
            return
        user, added = users.find_or_add(client.client_id, email=wanted.email, password_hash=wanted.hashed, **shown)
        # Asked of a new one too, who has none: the work is the same.
        waits = email_verification.is_unused_sign_up(client.client_id, user)
        room = _mailed(client, user, wanted, added=added, waits=waits)
        idempotency.finish(call, **{_SENT: "sent"})
        reason = (None if added else EmailTaken.code) if room else mailed_codes.TOO_MANY
        detail = {"reason": reason} if reason else {}
        audit.record(actor, entry.SIGNED_UP, user_id=user.user_id, failed=not added, detail=detail)


def _mailed(client: Client, user: User, wanted: _Wanted, *, added: bool, waits: bool) -> bool:
    """Mail what a sign-up leads to; each way is two codes and one mail, so that no time tells which it was."""
    email, redirect_to = wanted.email, wanted.redirect_to
    if waits:
        return email_verification.contest(client, user, email, redirect_to=redirect_to)
    mailed_codes.issue_nobodys(client.client_id, email)
    if added:
        return email_verification.send(client, user, email, sign_up=_left_to_do(wanted), redirect_to=redirect_to)
    return email_verification.warn(client, email, deliverable=user.status == ACTIVE)


def _left_to_do(wanted: _Wanted) -> dict[str, Any]:
    """Return what the proof of a sign-up adds to the user that it has made."""
    username = wanted.profile.get("username")
    return {"profile": {} if username is None else {"username": username}}


def _claimed(call: IdempotentCall | None) -> bool:
    """Claim a call; False where it was answered before and its answer held no secret, so that it is given again."""
    try:
        idempotency.claim(call)
    except AlreadyCreated as earlier:
        if _SENT not in earlier.extra:
            raise
        return False
    return True


def _check(actor: Actor, client: Client, *, email: str, password: str, fields: dict[str, Any]) -> None:
    """Write the audit row of a sign-up that cannot be, and raise why."""
    if client.is_platform:
        raise errors.InsufficientScope("Only `flask operators create` makes users of the platform.")
    if client.settings.signup == "invitation":
        refused = errors.InsufficientScope("This client takes new users by invitation only.")
        _refuse(actor, client, refused, reason="invitation_only")
    try:
        new_password.check(client, password, field="password", email=email)
        custom_fields.check(client, fields)
    except errors.ValidationFailed as wrong:
        _refuse(actor, client, wrong, reason=wrong.extra.get("reason", wrong.code))


def _refuse(actor: Actor, client: Client, error: errors.AppError, *, reason: str) -> NoReturn:
    mailed_codes.refuse_apart(actor, client.client_id, entry.SIGNED_UP, error, reason=reason)
