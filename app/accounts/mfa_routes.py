"""Second factors: completing a login with one, and one's own authenticator app and recovery codes."""

from typing import Any

from app.accounts import mfa_login, second_factors
from app.accounts.errors import EmailNotVerified
from app.accounts.factor_changes import Enroller
from app.accounts.mfa_schemas import FactorsView, RecoveryCodes, SecondStep, TotpCode, TotpEnrolment
from app.accounts.models import LoggedIn, SignedIn
from app.accounts.schemas import LoggedIn as LoggedInView
from app.codes.errors import InvalidCode
from app.core.actors import Actor
from app.core.errors import NotFound
from app.limits.errors import AccountLocked
from app.mfa.errors import LastFactor, NoSecondFactor, SecondFactorsOff, TooManyGuesses
from app.mfa.models import Enrolment, Factors
from app.users.errors import AccountDisabled
from app.web import page_session
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import client_key, enrollee, fresh, guard, path_client, publishable_key, user
from app.web.limits import per_address

bp = Blueprint("mfa", __name__, url_prefix=CLIENT, description="Second factors: authenticator apps, recovery codes.")


@bp.route("/login/mfa", methods=["POST"])
@guard(publishable_key, client_key())
@per_address("login_limit")
@bp.raises(InvalidCode, AccountDisabled, AccountLocked, EmailNotVerified, TooManyGuesses)
@bp.arguments(SecondStep)
@bp.response(200, LoggedInView)
def complete_login(data: dict[str, Any], actor: Actor) -> LoggedIn:
    """Complete a login with a second factor.

    An `mfa_token` takes five tries within five minutes. After ten wrong codes of a user within an hour each further
    one is refused unseen: 429 with `Retry-After`.
    """
    return mfa_login.complete(actor, path_client(actor.client_id), **data)


@bp.route("/me/mfa")
@guard(user)
@bp.response(200, FactorsView)
def show_factors(actor: SignedIn) -> Factors:
    """Read which second factors you have."""
    return second_factors.show(actor)


@bp.route("/me/mfa/totp", methods=["POST"])
@guard(fresh(user), enrollee)
@bp.raises(SecondFactorsOff)
@bp.response(200, TotpEnrolment)
def begin_totp(actor: Enroller) -> Enrolment:
    """Get a new secret for an authenticator app. It is shown this once, and not in use before it is confirmed."""
    return second_factors.begin_totp(actor)


@bp.route("/me/mfa/totp/confirm", methods=["POST"])
@guard(fresh(user), enrollee)
@bp.raises(InvalidCode, SecondFactorsOff)
@bp.arguments(TotpCode)
@bp.response(200, RecoveryCodes)
def confirm_totp(data: dict[str, Any], actor: Enroller) -> dict[str, Any]:
    """Put the new secret into use by a code of it; recovery codes come with it. Your other sessions end.

    With an `enrollment_token` nobody is logged in by this: log in again, with the new factor.
    """
    codes = second_factors.confirm_totp(actor, **data)
    page_session.forget_half()
    return {"recovery_codes": codes}


@bp.route("/me/mfa/totp", methods=["DELETE"])
@guard(fresh(user))
@bp.raises(NotFound, LastFactor)
@bp.response(204)
def remove_totp(actor: SignedIn) -> None:
    """Take your authenticator app out of use. Your other sessions end."""
    second_factors.remove_totp(actor)


@bp.route("/me/mfa/recovery-codes", methods=["POST"])
@guard(fresh(user))
@bp.raises(NoSecondFactor)
@bp.response(200, RecoveryCodes)
def renew_recovery_codes(actor: SignedIn) -> dict[str, Any]:
    """Get ten new recovery codes; those from before work no more. Your other sessions end."""
    return {"recovery_codes": second_factors.renew_recovery_codes(actor)}
