"""A user's own second factors: seeing them, setting up and removing an authenticator app, renewing recovery codes."""

from app.accounts import factor_changes
from app.accounts.factor_changes import CODES_RENEWED, TOTP_DISABLED, TOTP_ENABLED, Enroller
from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.codes.errors import InvalidCode
from app.core import db, errors
from app.mfa import policy, recovery_codes, totp
from app.mfa import service as mfa
from app.mfa.errors import NoSecondFactor
from app.mfa.models import Enrolment, Factors
from app.users import service as users

BEGUN = "totp.begin"


def show(actor: SignedIn) -> Factors:
    """Return what the caller has."""
    with db.reading():
        return mfa.factors_of(actor.client, actor.user)


def begin_totp(actor: Enroller) -> Enrolment:
    """Return a new seed, which is not in use before it is confirmed; raises SecondFactorsOff.

    An app that is in use goes on until then.
    """
    with db.reading():
        client, user = clients.require(actor.client), users.find(actor.client, actor.user)
    policy.check_open(client.settings)
    if user is None:
        raise errors.TokenRevoked()
    made = totp.new_seed(issuer=client.client_name, account=user.email)
    with db.unit_of_work():
        factor_changes.begin(actor)
        totp.begin(actor.client, actor.user, made.secret)
        audit.record(actor, BEGUN)
    return made


def confirm_totp(actor: Enroller, *, code: str) -> list[str]:
    """Put the new seed into use and return ten recovery codes; raises InvalidCode and SecondFactorsOff."""
    with db.unit_of_work():
        client, user = factor_changes.begin(actor)
        policy.check_open(client.settings)
        try:
            recovery = mfa.confirm_totp(client.client_id, user.user_id, code)
        except InvalidCode as wrong:
            audit.record(actor, TOTP_ENABLED, failed=True, detail={"reason": wrong.code})
            raise
        factor_changes.finish(actor, client, user, TOTP_ENABLED)
    return recovery


def remove_totp(actor: SignedIn) -> None:
    """Take the authenticator app out of use, recovery codes with the last factor; raises NotFound and LastFactor."""
    with db.unit_of_work():
        client, user = factor_changes.begin(actor)
        if not mfa.remove_totp(client.client_id, user.user_id):
            raise errors.NotFound("There is no authenticator app in use.")
        factor_changes.check_left(client, user)
        factor_changes.finish(actor, client, user, TOTP_DISABLED)


def renew_recovery_codes(actor: SignedIn) -> list[str]:
    """Return ten new recovery codes in place of all from before; raises NoSecondFactor."""
    with db.unit_of_work():
        client, user = factor_changes.begin(actor)
        if not mfa.has_second_factor(client.client_id, user.user_id):
            raise NoSecondFactor()
        made = recovery_codes.renew(client.client_id, user.user_id)
        factor_changes.finish(actor, client, user, CODES_RENEWED)
    return made
