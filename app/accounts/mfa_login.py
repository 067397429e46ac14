"""The second step of a login: a code or a passkey's answer completes what the password began."""

from typing import Any, NoReturn
from uuid import UUID

from app.accounts import entry, half_login
from app.accounts.models import LoggedIn
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import Client
from app.codes import service as codes
from app.codes.errors import InvalidCode
from app.codes.models import MFA_PENDING, Code
from app.core import db, metrics
from app.core.actors import Actor
from app.core.errors import AppError
from app.limits import login_throttle
from app.limits.errors import AccountLocked
from app.mfa import passkeys
from app.mfa import service as mfa
from app.mfa.errors import TooManyGuesses
from app.mfa.models import MFA, PASSKEY
from app.mfa.passkey_errors import reason_of
from app.users.errors import AccountDisabled
from app.users.models import ACTIVE, User

OF_CODE, OF_PASSKEY = ["otp", MFA], ["pop", MFA]
"""What a second factor adds to the methods of a login (RFC 8176, 2)."""


class StillLocked(AccountLocked):
    """The password is being guessed: the lock holds on every step of a login, and its audit row stays."""

    keeps_writes = True


def complete(
    actor: Actor,
    client_id: UUID,
    *,
    mfa_token: str,
    code: str | None = None,
    credential: dict[str, Any] | None = None,
) -> LoggedIn:
    """Check a second factor and begin a session; what an attempt wrote stays, its audit row included.

    Raises InvalidCode (wrong, or the token is dead: five tries, five minutes, another password since), AccountLocked,
    TooManyGuesses, and AccountDisabled.
    """
    with metrics.login(actor.tier), db.unit_of_work():
        client, pending = clients.require(client_id), codes.find(client_id, MFA_PENDING, mfa_token)
        login = None if pending is None else half_login.whose(pending, held=True)
        if pending is None or login is None:
            _refuse(actor, client_id, None, InvalidCode("This login is over: begin again with the password."))
        user = login.user
        _check_may_try(actor, client, user)
        try:
            method = _method(client, user, mfa_token, code, credential)
        except (InvalidCode, TooManyGuesses) as wrong:
            _refuse(actor, client_id, user, wrong)
        codes.redeem(client_id, MFA_PENDING, mfa_token)
        entered = half_login.end(client_id, login)
        if entered is None:
            raise ValueError("an active user whose row is held is let in")
        return entry.enter(actor, client, entered, amr=_amr(pending, method), detail={"method": method})


def _check_may_try(actor: Actor, client: Client, user: User) -> None:
    client_id = client.client_id
    if user.status != ACTIVE:
        _refuse(actor, client_id, user, AccountDisabled())
    seconds = login_throttle.seconds_locked(client_id, user.email)
    if seconds > 0:
        _refuse(actor, client_id, user, StillLocked(retry_after=seconds))
    barred = entry.bar(client, user)
    if barred is not None:  # told before a code is spent, and a login noted, that would begin no session
        _refuse(actor, client_id, user, barred)


def _method(client: Client, user: User, mfa_token: str, code: str | None, credential: dict[str, Any] | None) -> str:
    """Return by what the second factor was proved, after counting the try; raises InvalidCode and TooManyGuesses."""
    if codes.count_try(client.client_id, MFA_PENDING, mfa_token) is None:
        raise InvalidCode("This login has had its five tries: begin again with the password.")
    if credential is None:
        return mfa.use_code(client.client_id, user.user_id, code or "")
    passkeys.verify_second_factor(client, user.user_id, credential, mfa_token=mfa_token)
    return PASSKEY


def _amr(pending: Code, method: str) -> list[str]:
    proved: list[str] = pending.payload["amr"]
    return proved + (OF_PASSKEY if method == PASSKEY else OF_CODE)


def _refuse(actor: Actor, client_id: UUID, user: User | None, error: AppError) -> NoReturn:
    """Write the audit row of a failed attempt in the unit of work in force, and raise why."""
    detail = {"reason": reason_of(error), "step": MFA}
    user_id = user.user_id if user else None
    audit.record(actor, entry.LOGGED_IN, client_id=client_id, user_id=user_id, failed=True, detail=detail)
    raise error
