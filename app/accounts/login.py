"""Login by e-mail and password."""

from typing import NoReturn
from uuid import UUID

from app.accounts import entry, password_check
from app.accounts.models import LoggedIn
from app.accounts.password_check import InvalidCredentials
from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, db, metrics
from app.core.actors import Actor
from app.core.errors import AppError
from app.limits import login_throttle
from app.limits.errors import AccountLocked
from app.users.errors import AccountDisabled
from app.users.models import Login
from app.users.store import UserDirectory


def log_in(actor: Actor, client_id: UUID, *, email: str, password: str) -> LoggedIn:
    """Check a password and begin a session.

    Raises AccountLocked, InvalidCredentials (unknown or wrong, the same), AccountDisabled after the right password.
    """
    with metrics.login(actor.tier):
        try:
            login = password_check.reserve(client_id, email)
        except AccountLocked as locked:
            record_failure(actor, client_id, None, reason=locked.code)
            raise
        if not password_check.is_right(client_id, email, password=password, login=login) or login is None:
            record_failure(actor, client_id, login, reason="invalid_credentials")
            raise InvalidCredentials()
        better = password_check.better_hash(password, login)
        with db.unit_of_work():
            return _begin_session(actor, client_id, login, better_hash=better)


def record_failure(actor: Actor, client_id: UUID, login: Login | None, *, reason: str) -> None:
    """Write the audit row of a failed login; who was meant is kept only where that user exists."""
    with db.unit_of_work():
        user_id = login.user.user_id if login else None
        audit.record(
            actor, entry.LOGGED_IN, client_id=client_id, user_id=user_id, failed=True, detail={"reason": reason}
        )


def _begin_session(actor: Actor, client_id: UUID, login: Login, *, better_hash: str | None) -> LoggedIn:
    client, directory, user_id = clients.require(client_id), UserDirectory(client_id), login.user.user_id
    # Who is turned away for the address has not logged in: the account still counts as one that nobody has used.
    moment = clock.now() if entry.bar(client, login.user) is None else login.user.last_login_at
    user = directory.record_login(user_id, password_version=login.password_version, moment=moment)
    if user is None:
        _refuse(actor, client_id, login)
    if better_hash is not None:
        directory.upgrade_hash(user_id, password_hash=better_hash, expected_version=login.password_version)
    login_throttle.clear(client_id, user.email)
    return entry.enter(actor, client, user, amr=["pwd"])


def _refuse(actor: Actor, client_id: UUID, login: Login) -> NoReturn:
    """Say why a login whose password was right begins no session: the user is disabled, or has changed meanwhile."""
    now = UserDirectory(client_id).find_login_of(login.user.user_id)
    error: AppError = InvalidCredentials()
    if now is not None and now.password_version == login.password_version:
        error = AccountDisabled()
        login_throttle.clear(client_id, now.user.email)
    audit.record(actor, entry.LOGGED_IN, user_id=login.user.user_id, failed=True, detail={"reason": error.code})
    raise error
