"""Sign-up, login, refresh and logout."""

from dataclasses import asdict
from typing import Any

from flask import Response, make_response

from app.accounts import introspection, login, logout, refresh, signup
from app.accounts.errors import EmailNotVerified, MfaEnrollmentRequired
from app.accounts.models import LoggedIn
from app.accounts.password_check import InvalidCredentials
from app.accounts.schemas import (
    EmailVerificationSent,
    IntrospectionView,
    LogIn,
    LogOut,
    Refresh,
    SignUp,
    TokenToIntrospect,
)
from app.accounts.schemas import LoggedIn as LoggedInView
from app.core.actors import Actor
from app.core.errors import MfaRequired, TokenExpired, TokenRevoked
from app.idempotency import service as idempotency
from app.idempotency.errors import AlreadyCreated, IdempotencyMismatch, InProgress
from app.limits.errors import AccountLocked
from app.users.errors import AccountDisabled, EmailTaken, UsernameTaken
from app.web.blueprint import CLIENT, IDEMPOTENCY_KEY, Blueprint
from app.web.guards import also_impersonated, client_key, guard, path_client, publishable_key, user
from app.web.idempotency_header import idempotency_key
from app.web.limits import in_all, per_address

bp = Blueprint("accounts", __name__, url_prefix=CLIENT, description="Sign-up, login, refresh, logout.")


@bp.route("/signup", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("signup_limit")
@in_all("signup_global_limit", per_client=True)
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@bp.raises(EmailTaken, UsernameTaken, AlreadyCreated, InProgress, IdempotencyMismatch, MfaEnrollmentRequired)
@bp.arguments(SignUp)
@bp.response(201, LoggedInView)
@bp.alt_response(202, schema=EmailVerificationSent)
def sign_up(data: dict[str, Any], actor: Actor) -> LoggedIn | Response:
    """Sign a user up and log it in, or, where the client wants addresses proved first, send the mail (202).

    Takes an `Idempotency-Key`: a repeat answers 409 `already_created` with the `user_id`, or 202 again. With 202
    nothing is said of whether the address was taken, and a username that somebody has by the time of the proof is
    left out. An address gets five such mails in an hour; then none leaves, and the code of the last one stays good.
    """
    call = idempotency.of_call(actor, route="signup", key=idempotency_key(), body=data)
    entered = signup.sign_up(actor, path_client(actor.client_id), call=call, **data)
    return entered or make_response(EmailVerificationSent().dump({}), 202)


@bp.route("/login", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("login_limit")
@bp.raises(InvalidCredentials, MfaRequired, MfaEnrollmentRequired, AccountDisabled, AccountLocked, EmailNotVerified)
@bp.arguments(LogIn)
@bp.response(200, LoggedInView)
def log_in(data: dict[str, Any], actor: Actor) -> LoggedIn:
    """Log a user in.

    After five failures on one account each further try must wait: 423 with `Retry-After`, 1 second to 15 minutes.
    """
    return login.log_in(actor, path_client(actor.client_id), **data)


@bp.route("/refresh", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("login_limit")
@bp.raises(TokenRevoked, TokenExpired, MfaRequired, MfaEnrollmentRequired, AccountDisabled)
@bp.arguments(Refresh)
@bp.response(200, LoggedInView)
def refresh_session(data: dict[str, Any], actor: Actor) -> LoggedIn:
    """Refresh a session: the refresh token is spent and a new pair answered.

    A token presented again within 10 seconds, if it is the last one spent, gets the same successor. Presented later, or
    after its successor was spent, it ends the whole session.
    """
    return refresh.refresh(actor, path_client(actor.client_id), **data)


@bp.route("/logout", methods=["POST"])
@guard(also_impersonated(user), publishable_key, client_key())
@bp.arguments(LogOut)
@bp.response(204)
def log_out(data: dict[str, Any], actor: Actor) -> None:
    """End a session at once, its access tokens included."""
    logout.log_out(actor, path_client(actor.client_id), **data)


@bp.route("/tokens/introspect", methods=["POST"])
@guard(client_key("tokens:introspect"))
@bp.arguments(TokenToIntrospect)
@bp.response(200, IntrospectionView)
def introspect_token(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Read whether an access or refresh token of your client is good now, and whose it is (RFC 7662)."""
    found = introspection.introspect(path_client(actor.client_id), data["token"])
    if found is None:
        return {"active": False}
    return {"active": True} | {name: value for name, value in asdict(found).items() if value is not None}
