"""Sign-up: a new user and its first session, or, where addresses are proved first, a mail; and one audit row."""

from typing import Any, NoReturn
from uuid import UUID

from app.accounts import email_verification, entry, mailed_codes, mails, new_password
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
from app.users.models import DISABLED

_SENT = "email_verification"


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
    mails.check_redirect(client, redirect_to)
    hashed = passwords.hash_password(password)
    if client.settings.email_verification == "required":
        _ask_for_proof(actor, client, call, email=email, hashed=hashed, profile=profile, redirect_to=redirect_to)
        return None
    return _add(actor, client, call, email=email, hashed=hashed, profile=profile, redirect_to=redirect_to)


def _add(
    actor: Actor,
    client: Client,
    call: IdempotentCall | None,
    *,
    email: str,
    hashed: str,
    profile: dict[str, Any],
    redirect_to: str | None,
) -> LoggedIn:
    with db.unit_of_work():
        idempotency.claim(call)
        try:
            user = users.add(client.client_id, email=email, password_hash=hashed, **profile)
        except (EmailTaken, UsernameTaken) as taken:
            idempotency.give_up(call)
            mailed_codes.refuse(actor, client.client_id, entry.SIGNED_UP, taken)
        idempotency.finish(call, user_id=user.user_id)
        if client.settings.email_verification == "optional":
            email_verification.send(client, user, email, redirect_to=redirect_to)
        return entry.enter(actor, client, user, amr=["pwd"], action=entry.SIGNED_UP)


def _ask_for_proof(
    actor: Actor,
    client: Client,
    call: IdempotentCall | None,
    *,
    email: str,
    hashed: str,
    profile: dict[str, Any],
    redirect_to: str | None,
) -> None:
    """Add a user who has yet to prove the mailbox; where the address is taken, do the same work and change nothing.

    An account that nobody has proved yet stays as it is until the code comes back, and then gets this password and
    profile. The owner of a proved one is told. A username waits for the proof too: a refusal here would tell, at the
    second try, whether the first one made an account.
    """
    username, shown = profile.get("username"), {name: profile[name] for name in profile if name != "username"}
    with db.unit_of_work():
        if not _claimed(call):
            return
        user, added = users.find_or_add(client.client_id, email=email, password_hash=hashed, **shown)
        waiting: dict[str, Any] = {"full_name": None, "avatar_url": None, "custom_fields": {}} | shown
        sign_up = {"profile": waiting | {"username": username}} | ({} if added else {"password_hash": hashed})
        if mailed_codes.is_unproved(user):
            email_verification.send(client, user, email, sign_up=sign_up, redirect_to=redirect_to)
        else:
            email_verification.warn(client, email, sign_up=sign_up, deliverable=user.status != DISABLED)
        idempotency.finish(call, **{_SENT: "sent"})
        detail = {} if added else {"reason": EmailTaken.code}
        audit.record(actor, entry.SIGNED_UP, user_id=user.user_id, failed=not added, detail=detail)


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
