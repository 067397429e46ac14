"""Login with a passkey alone: the authenticator says who it is, holds the key and has verified the person."""

from typing import Any, NoReturn
from uuid import UUID

from app.accounts import entry
from app.accounts.models import LoggedIn
from app.audit import service as audit
from app.clients import service as clients
from app.codes.errors import InvalidCode
from app.core import clock, db, metrics
from app.core.actors import Actor
from app.core.errors import AppError
from app.limits import login_throttle
from app.limits.errors import AccountLocked
from app.mfa import passkeys
from app.mfa.passkey_errors import reason_of
from app.mfa.passkey_models import Passkey
from app.mfa.passkeys import Claim
from app.users.errors import AccountDisabled
from app.users.models import ACTIVE
from app.users.store import UserDirectory

AMR = ["pop", "user", "mfa"]
"""A key that is held, and a person whom its authenticator has verified: two factors (RFC 8176)."""


def options(client_id: UUID) -> dict[str, Any]:
    """Return what a browser asks its authenticators with; nobody is named, so it is the same for all."""
    with db.unit_of_work():
        return passkeys.login_options(clients.require(client_id))


def log_in(actor: Actor, client_id: UUID, *, credential: dict[str, Any]) -> LoggedIn:
    """Check a browser's answer and begin a session; its challenge is spent, whatever comes of it.

    Raises InvalidCode for whatever is wrong with it, AccountLocked as a login by password does, and AccountDisabled
    after the proof.
    """
    with metrics.login(actor.tier):
        claim = _claimed(actor, client_id, credential)
        try:
            with db.unit_of_work():
                return _begin_session(actor, client_id, claim)
        except AccountLocked as locked:
            with db.unit_of_work():
                _record_failure(actor, client_id, claim.passkey, locked)
            raise


def _claimed(actor: Actor, client_id: UUID, credential: dict[str, Any]) -> Claim:
    with db.unit_of_work():
        try:
            return passkeys.claim_login(client_id, credential)
        except InvalidCode as wrong:
            _refuse(actor, client_id, None, wrong)


def _begin_session(actor: Actor, client_id: UUID, claim: Claim) -> LoggedIn:
    client, directory, passkey = clients.require(client_id), UserDirectory(client_id), claim.passkey
    # Held before the throttle's row, as a login by password takes them: else the two could wait for each other.
    login = directory.hold_login_of(passkey.user_id)
    if login is None:
        _refuse(actor, client_id, passkey, InvalidCode())
    login_throttle.reserve(client_id, login.user.email)
    try:
        passkeys.prove_login(client, claim)
    except InvalidCode as wrong:
        _refuse(actor, client_id, passkey, wrong)
    login_throttle.clear(client_id, login.user.email)
    # As of a login by password: who is turned away for the client or the address has not logged in.
    moment = clock.now() if entry.bar(client, login.user) is None else login.user.last_login_at
    user = directory.record_login(passkey.user_id, password_version=login.password_version, moment=moment)
    if user is None:
        _refuse(actor, client_id, passkey, InvalidCode() if login.user.status == ACTIVE else AccountDisabled())
    return entry.enter(actor, client, user, amr=AMR, detail=_told(passkey))


def _refuse(actor: Actor, client_id: UUID, passkey: Passkey | None, error: AppError) -> NoReturn:
    _record_failure(actor, client_id, passkey, error)
    raise error


def _record_failure(actor: Actor, client_id: UUID, passkey: Passkey | None, error: AppError) -> None:
    """Write the audit row of an attempt that failed; who was meant is kept where the passkey is somebody's."""
    detail = {"reason": reason_of(error), "method": "passkey"} | _told(passkey)
    user_id = passkey.user_id if passkey else None
    audit.record(actor, entry.LOGGED_IN, client_id=client_id, user_id=user_id, failed=True, detail=detail)


def _told(passkey: Passkey | None) -> dict[str, str]:
    return {} if passkey is None else {"passkey_id": str(passkey.passkey_id)}
