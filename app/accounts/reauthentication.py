"""Proving again who one is: by the password and, for whoever has a second factor, by that too."""

from typing import Any

from app.accounts import password_change
from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.codes.errors import InvalidCode
from app.core import db
from app.core.errors import AppError, MfaRequired
from app.limits import login_throttle
from app.mfa import passkeys
from app.mfa import service as mfa
from app.mfa.errors import TooManyGuesses
from app.mfa.passkey_errors import reason_of
from app.sessions import service as sessions
from app.users import service as users

REAUTHENTICATED = "session.reauth"


def reauthenticate(
    actor: SignedIn,
    *,
    password: str = "",
    code: str | None = None,
    credential: dict[str, Any] | None = None,
) -> None:
    """Make the caller's session fresh for five minutes.

    Takes the password, with a code where the caller has a second factor; or the answer of a passkey, which proves both.
    Raises MfaRequired where the factor is missing, InvalidCredentials, InvalidCode, AccountLocked, TooManyGuesses.
    """
    if credential is not None:
        _by_passkey(actor, credential)
        return
    with db.reading():
        methods = mfa.methods_of(actor.client, actor.user)
    if methods and code is None:
        missing = MfaRequired("Send a code beside the password, or a passkey's credential.", methods=list(methods))
        with db.unit_of_work():
            _record_failure(actor, missing)
        raise missing
    password_change.prove(actor, password, action=REAUTHENTICATED)
    with db.unit_of_work():
        users.hold(actor.client, actor.user)  # before factors and session, as whoever deletes the user does
        if methods:
            _use_code(actor, code or "")
        _note(actor, cleared=True)


def _by_passkey(actor: SignedIn, credential: dict[str, Any]) -> None:
    with db.unit_of_work():
        client = clients.require(actor.client)
        users.hold(actor.client, actor.user)
        try:
            passkeys.verify_reauth(client, actor.user, credential, session_id=actor.session_id)
        except InvalidCode as wrong:
            _record_failure(actor, wrong)
            raise
        _note(actor, cleared=False)


def _use_code(actor: SignedIn, code: str) -> None:
    try:
        mfa.use_code(actor.client, actor.user, code)
    except (InvalidCode, TooManyGuesses) as wrong:
        _record_failure(actor, wrong)
        raise


def _note(actor: SignedIn, *, cleared: bool) -> None:
    if cleared:
        login_throttle.clear(actor.client, actor.profile.email)
    sessions.note_authentication(actor.session_id)
    audit.record(actor, REAUTHENTICATED)


def _record_failure(actor: SignedIn, error: AppError) -> None:
    audit.record(actor, REAUTHENTICATED, failed=True, detail={"reason": reason_of(error)})
