"""Proving one's identity again, and changing the password."""

from app.accounts import password_check
from app.accounts.models import SignedIn
from app.accounts.password_check import InvalidCredentials
from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, db
from app.limits import login_throttle
from app.limits.errors import AccountLocked
from app.sessions import service as sessions
from app.users import passwords
from app.users import service as users
from app.users.models import Login
from app.users.store import UserDirectory

REAUTHENTICATED, CHANGED = "session.reauth", "password.change"


def reauthenticate(actor: SignedIn, *, password: str) -> None:
    """Make the caller's session fresh for five minutes; raises InvalidCredentials and AccountLocked."""
    _proved(actor, password, action=REAUTHENTICATED)
    with db.unit_of_work():
        login_throttle.clear(actor.client, actor.profile.email)
        sessions.note_authentication(actor.session_id)
        audit.record(actor, REAUTHENTICATED)


def change_password(actor: SignedIn, *, current_password: str, new_password: str) -> None:
    """Change the caller's password and end all other sessions; raises also PasswordRefused."""
    with db.reading():
        client = clients.require(actor.client)
    email = actor.profile.email
    users.check_password(
        new_password,
        field="new_password",
        min_length=client.settings.password_min_length,
        email=email,
        client_name=client.client_name,
    )
    login = _proved(actor, current_password, action=CHANGED)
    with password_check.attempt_handed_back(actor.client, email):
        hashed = passwords.hash_password(new_password)
    with db.unit_of_work():
        changed = UserDirectory(actor.client).replace_password(
            actor.user, password_hash=hashed, expected_version=login.password_version, moment=clock.now()
        )
        if not changed:
            audit.record(actor, CHANGED, failed=True, detail={"reason": InvalidCredentials.code})
            raise InvalidCredentials()
        login_throttle.clear(actor.client, email)
        ended = sessions.revoke_all(actor.client, actor.user, keep=actor.session_id, reason=CHANGED)
        sessions.note_authentication(actor.session_id)
        audit.record(actor, CHANGED, detail={"sessions_ended": ended})


def _proved(actor: SignedIn, password: str, *, action: str) -> Login:
    """Return the caller's login if the password is right; counts against the account as a login does."""
    email = actor.profile.email
    try:
        login = password_check.reserve(actor.client, email)
    except AccountLocked as locked:
        _record_failure(actor, action, locked.code)
        raise
    if not password_check.is_right(actor.client, email, password=password, login=login) or login is None:
        _record_failure(actor, action, InvalidCredentials.code)
        raise InvalidCredentials()
    return login


def _record_failure(actor: SignedIn, action: str, reason: str) -> None:
    with db.unit_of_work():
        audit.record(actor, action, failed=True, detail={"reason": reason})
