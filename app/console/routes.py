"""`/console`: the session of the service's own pages. Tokens go into cookies, and into nothing else (ADR 0016)."""

from typing import Any

from flask import Response, request

from app.accounts.errors import EmailNotVerified, MfaEnrollmentRequired
from app.accounts.models import SignedIn
from app.accounts.passkey_schemas import PasskeyRequestOptions
from app.accounts.password_check import InvalidCredentials
from app.codes.errors import InvalidCode
from app.console import mails, service
from app.console.models import ConsoleSession, Entered
from app.console.schemas import (
    ConsoleLogIn,
    ConsoleMailAddressed,
    ConsolePasskey,
    ConsolePasskeyOptions,
    ConsoleProof,
    ConsoleSecondStep,
)
from app.console.schemas import ConsoleSession as ConsoleSessionView
from app.core.actors import Actor
from app.core.errors import (
    AuthenticationRequired,
    ClientSuspended,
    Conflict,
    InsufficientScope,
    MfaRequired,
    TokenExpired,
    TokenRevoked,
    UnsupportedMediaType,
)
from app.limits.errors import AccountLocked
from app.mfa.errors import TooManyGuesses
from app.users.errors import AccountDisabled
from app.web import page_session
from app.web.blueprint import Blueprint
from app.web.guards import anyone, guard, user
from app.web.limits import in_all, per_address, per_session
from app.web.page_session import HalfLogin, Refresh, own_pages_only

bp = Blueprint("console", __name__, url_prefix="/api/v1/console", description="The session of the console's own pages.")
_FOREIGN = (InsufficientScope, UnsupportedMediaType)


@bp.route("/session", methods=["POST"])
@guard(anyone)
@own_pages_only
@per_address("login_limit")
@bp.raises(
    *_FOREIGN,
    InvalidCredentials,
    MfaRequired,
    MfaEnrollmentRequired,
    AccountDisabled,
    AccountLocked,
    EmailNotVerified,
    ClientSuspended,
)
@bp.arguments(ConsoleLogIn)
@bp.response(200, ConsoleSessionView)
def begin_console_session(data: dict[str, Any], actor: Actor) -> ConsoleSession:
    """Log in to the console; the tokens go into cookies. A session that was there before ends.

    An unknown client is answered as a wrong password is. With 401 `mfa_required` and `mfa_enrollment_required` what was
    proved so far is in a cookie too: go on with `…/mfa`, or with the calls that set a second factor up.
    """
    entered = service.log_in(actor.origin, **data)
    if isinstance(entered, Entered):
        return _enter(actor, entered)
    _end_before(actor)
    page_session.keep_half(HalfLogin(entered.client_id, entered.token), seconds=entered.seconds)
    raise entered.asked


@bp.route("/session/mfa", methods=["POST"])
@guard(anyone)
@own_pages_only
@per_address("login_limit")
@bp.raises(*_FOREIGN, InvalidCode, AccountDisabled, AccountLocked, EmailNotVerified, ClientSuspended, TooManyGuesses)
@bp.arguments(ConsoleSecondStep)
@bp.response(200, ConsoleSessionView)
def complete_console_session(data: dict[str, Any], actor: Actor) -> ConsoleSession:
    """Complete a login to the console with a second factor: five tries within five minutes."""
    half = page_session.half_login(request)
    if half is None:
        raise service.login_is_over()
    page_session.check_login_proof(request, half)
    return _enter(actor, service.complete(actor.origin, half.client_id, mfa_token=half.token, **data))


@bp.route("/session/passkey/options", methods=["POST"])
@guard(anyone)
@own_pages_only
@per_address("login_limit")
@bp.raises(*_FOREIGN, Conflict)
@bp.arguments(ConsolePasskeyOptions)
@bp.response(200, PasskeyRequestOptions)
def begin_console_passkey(data: dict[str, Any]) -> dict[str, Any]:
    """Ask for what a browser logs in to the console with: hand it to `navigator.credentials.get()`."""
    return service.passkey_options(**data)


@bp.route("/session/passkey", methods=["POST"])
@guard(anyone)
@own_pages_only
@per_address("login_limit")
@bp.raises(*_FOREIGN, InvalidCode, AccountDisabled, AccountLocked, EmailNotVerified, ClientSuspended)
@bp.arguments(ConsolePasskey)
@bp.response(200, ConsoleSessionView)
def begin_console_session_by_passkey(data: dict[str, Any], actor: Actor) -> ConsoleSession:
    """Log in to the console with a passkey alone. A session that was there before ends."""
    return _enter(actor, service.log_in_with_passkey(actor.origin, **data))


@bp.route("/session/refresh", methods=["POST"])
@guard(anyone)
@own_pages_only
@per_session("login_limit")
@bp.raises(
    *_FOREIGN,
    AuthenticationRequired,
    TokenRevoked,
    TokenExpired,
    MfaRequired,
    MfaEnrollmentRequired,
    AccountDisabled,
    ClientSuspended,
)
@bp.response(200, ConsoleSessionView)
def refresh_console_session(actor: Actor) -> ConsoleSession:
    """Refresh the console's session: new tokens in the cookies, the session stays the same."""
    held = page_session.refresh_of(request)
    if held is None:
        raise AuthenticationRequired("There is no session to refresh: log in.")
    page_session.check_session_proof(request, held.session_id)
    try:
        return _keep(service.refresh(actor.origin, held.client_id, held.token))
    except (TokenRevoked, TokenExpired, AccountDisabled):
        # A proof may have overtaken this call: the browser then holds another session's cookies by now.
        if not service.has_successor(held.client_id, held.session_id):
            page_session.forget()
        raise


@bp.route("/session")
@guard(user, spares_console=True)
@per_session("login_limit")
@bp.response(200, ConsoleSessionView)
def show_console_session(actor: SignedIn) -> ConsoleSession:
    """Read who is logged in to the console, and what they may do.

    By cookie it uses up nothing of the user's windows: whoever has met their limit can still see who they are.
    """
    return service.show(actor)


@bp.route("/session", methods=["DELETE"])
@guard(anyone)
@own_pages_only
@bp.raises(*_FOREIGN)
@bp.response(204)
def end_console_session(actor: Actor) -> None:
    """Log out of the console: the session ends at once and the cookies go; also where there is none. Never limited."""
    held, token = page_session.refresh_of(request), page_session.access_token(request)
    session_id = held.session_id if held else service.session_named(token) if token else None
    if session_id is not None:
        page_session.check_session_proof(request, session_id)
    _end_before(actor)
    page_session.forget()


@bp.route("/session/reauth", methods=["POST"])
@guard(user)
@own_pages_only
@bp.raises(InvalidCredentials, InvalidCode, AccountLocked, TooManyGuesses, UnsupportedMediaType)
@bp.arguments(ConsoleProof)
@bp.response(200, ConsoleSessionView)
def prove_in_console(data: dict[str, Any], actor: SignedIn) -> ConsoleSession:
    """Prove who you are again: a new session, fresh for five minutes, takes the place of the one before.

    Takes what `POST /me/reauth` takes. The session proves no other methods than the one before, and ends with it.
    """
    if not actor.in_console:
        raise InsufficientScope("This call is the console's: with a token of your own, call POST /me/reauth.")
    return _keep(service.prove(actor, **data))


@bp.route("/password/forgot", methods=["POST"])
@guard(anyone)
@own_pages_only
@per_address("recovery_limit")
@in_all("recovery_global_limit")
@bp.raises(*_FOREIGN)
@bp.arguments(ConsoleMailAddressed)
@bp.response(202)
def forget_console_password(data: dict[str, Any], actor: Actor) -> Response:
    """Mail a code that resets a password; the answer is the same for a client or an address that is not there."""
    mails.forget_password(actor.origin, **data)
    return _accepted()


@bp.route("/email/resend", methods=["POST"])
@guard(anyone)
@own_pages_only
@per_address("recovery_limit")
@in_all("recovery_global_limit")
@bp.raises(*_FOREIGN)
@bp.arguments(ConsoleMailAddressed)
@bp.response(202)
def resend_console_verification(data: dict[str, Any], actor: Actor) -> Response:
    """Mail another link that confirms an address; the answer is the same for a client or an address that is not there.

    An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    mails.resend_verification(actor.origin, **data)
    return _accepted()


def _accepted() -> Response:
    answer = Response(status=202)
    del answer.headers["Content-Type"]
    return answer


def _enter(actor: Actor, entered: Entered) -> ConsoleSession:
    """Put a session that has just begun into the cookies, in place of the one before, which ends."""
    _end_before(actor)
    return _keep(entered)


def _keep(entered: Entered) -> ConsoleSession:
    session, tokens = entered.session, entered.tokens
    page_session.keep(
        tokens.access_token,
        Refresh(session.client.client_id, session.session_id, tokens.refresh_token),
        seconds=tokens.expires_in,
        refresh_seconds=entered.refresh_seconds,
    )
    return session


def _end_before(actor: Actor) -> None:
    """End whatever the cookies of the call hold."""
    token, held = page_session.access_token(request), page_session.refresh_of(request)
    if token is not None:
        service.end_named(actor.origin, token)
    if held is not None:
        service.end_of(actor.origin, held.client_id, held.token)
