"""Proving again who one is: by the password and, for whoever has a second factor, by that too."""

from collections.abc import Callable
from typing import Any

from app.accounts import authentication, password_change
from app.accounts.models import LoggedIn, SignedIn
from app.accounts.subjects import subject_of, told_to
from app.audit import service as audit
from app.clients import service as clients
from app.codes.errors import InvalidCode
from app.core import db
from app.core.errors import AppError, MfaRequired, TokenRevoked
from app.limits import login_throttle
from app.mfa import passkeys
from app.mfa import service as mfa
from app.mfa.errors import TooManyGuesses
from app.mfa.passkey_errors import reason_of
from app.sessions import service as sessions
from app.users import service as users

REAUTHENTICATED = "session.reauth"


class _SessionOver(Exception):
    """The caller's session has ended, or stands still, since the call came in: all of its unit is rolled back."""

    def __init__(self, error: AppError) -> None:
        super().__init__()
        self.error = error


def reauthenticate(actor: SignedIn, **proof: Any) -> None:
    """Make the caller's session fresh for five minutes; `proof` is what _prove() takes, and it raises what that does.

    Takes the password, with a code where the caller has a second factor; or the answer of a passkey, which proves both.
    Raises MfaRequired where the factor is missing, InvalidCredentials, InvalidCode, AccountLocked, TooManyGuesses.
    """
    _prove(actor, lambda: _make_fresh(actor), **proof)


def succeed(actor: SignedIn, **proof: Any) -> LoggedIn:
    """Begin a fresh session in place of the caller's own, which ends (TOK-15); takes and raises the same.

    It proves no other methods than the one before (MFA-05), and ends when that one would have.
    """
    begun: list[LoggedIn] = []
    try:
        _prove(actor, lambda: begun.append(_begin_anew(actor)), **proof)
    except _SessionOver as over:
        with db.unit_of_work():
            if proof.get("credential") is None:
                login_throttle.clear(actor.client, actor.profile.email)  # the password was right
            _record_failure(actor, over.error)
        raise over.error from None
    return begun[0]


def _prove(
    actor: SignedIn,
    then: Callable[[], None],
    *,
    password: str = "",
    code: str | None = None,
    credential: dict[str, Any] | None = None,
) -> None:
    """Check the proof; `then` is done in the unit of work that has found it right."""
    if credential is not None:
        _by_passkey(actor, credential, then)
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
        login_throttle.clear(actor.client, actor.profile.email)
        then()


def _by_passkey(actor: SignedIn, credential: dict[str, Any], then: Callable[[], None]) -> None:
    with db.unit_of_work():
        client = clients.require(actor.client)
        users.hold(actor.client, actor.user)
        try:
            passkeys.verify_reauth(client, actor.user, credential, session_id=actor.session_id)
        except InvalidCode as wrong:
            _record_failure(actor, wrong)
            raise
        then()


def _use_code(actor: SignedIn, code: str) -> None:
    try:
        mfa.use_code(actor.client, actor.user, code)
    except (InvalidCode, TooManyGuesses) as wrong:
        _record_failure(actor, wrong)
        raise


def _make_fresh(actor: SignedIn) -> None:
    sessions.note_authentication(actor.session_id)
    audit.record(actor, REAUTHENTICATED)


def _begin_anew(actor: SignedIn) -> LoggedIn:
    try:
        state = authentication.session_of(actor)
    except AppError as error:
        raise _SessionOver(error) from error
    if not sessions.revoke(actor.client, actor.session_id, reason=REAUTHENTICATED):
        raise _SessionOver(TokenRevoked())
    subject = subject_of(
        state.user,
        client_id=state.client_id,
        client_version=state.client_version,
        settings=state.settings,
        scopes=state.scopes,
    )
    tokens = sessions.start(told_to(actor, subject), origin=actor.origin, amr=state.amr, ends=state.expires_at)
    told = {"session_id": str(tokens.session_id), "session_ended": str(actor.session_id)}
    audit.record(actor, REAUTHENTICATED, detail=told)
    return LoggedIn(state.user, tokens)


def _record_failure(actor: SignedIn, error: AppError) -> None:
    audit.record(actor, REAUTHENTICATED, failed=True, detail={"reason": reason_of(error)})
