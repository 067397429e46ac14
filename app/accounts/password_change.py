"""Changing one's password, and proving that one knows it."""

from app.accounts import mailed_codes, mails, password_check
from app.accounts import new_password as policy
from app.accounts.models import SignedIn
from app.accounts.password_check import InvalidCredentials
from app.audit import service as audit
from app.clients import service as clients
from app.core import clock, db
from app.keys import service as keys
from app.limits import login_throttle
from app.limits.errors import AccountLocked
from app.mail.models import PASSWORD_CHANGED
from app.mfa import service as mfa
from app.sessions import service as sessions
from app.users import passwords
from app.users.models import Login
from app.users.store import UserDirectory

CHANGED = "password.change"
_WRONG = "The password is wrong."  # whose it is, is known


def change_password(actor: SignedIn, *, current_password: str, new_password: str) -> None:
    """Change the caller's password, end all other sessions and the user's own keys; raises also PasswordRefused."""
    with db.reading():
        client = clients.require(actor.client)
    email = actor.profile.email
    policy.check(client, new_password, field="new_password", email=email)
    login = prove(actor, current_password, action=CHANGED)
    with password_check.attempt_handed_back(actor.client, email):
        hashed = passwords.hash_password(new_password)
    with db.unit_of_work():
        clients.lock(actor.client)  # before the user's row, as whoever manages users or keys takes them
        changed = UserDirectory(actor.client).replace_password(
            actor.user, password_hash=hashed, expected_version=login.password_version, moment=clock.now()
        )
        if not changed:
            audit.record(actor, CHANGED, failed=True, detail={"reason": InvalidCredentials.code})
            raise InvalidCredentials(_WRONG)
        login_throttle.clear(actor.client, email)
        ended = sessions.revoke_all(actor.client, actor.user, keep=actor.session_id, reason=CHANGED)
        mailed_codes.void_all(actor.client, actor.user)
        mails.send(client, PASSWORD_CHANGED, email, values=mails.named(actor.profile))
        # With a second factor the password alone proves too little; in the console a proof begins another session.
        if not actor.in_console and not mfa.has_second_factor(actor.client, actor.user):
            sessions.note_authentication(actor.session_id)
        keys_ended = keys.end_of_user(actor.client, actor.user)
        audit.record(actor, CHANGED, detail={"sessions_ended": ended, "keys_ended": keys_ended})


def prove(actor: SignedIn, password: str, *, action: str) -> Login:
    """Return the caller's login if the password is right; counts against the account as a login does."""
    email = actor.profile.email
    try:
        login = password_check.reserve(actor.client, email)
    except AccountLocked as locked:
        _record_failure(actor, action, locked.code)
        raise
    if not password_check.is_right(actor.client, email, password=password, login=login) or login is None:
        _record_failure(actor, action, InvalidCredentials.code)
        raise InvalidCredentials(_WRONG)
    return login


def _record_failure(actor: SignedIn, action: str, reason: str) -> None:
    with db.unit_of_work():
        audit.record(actor, action, failed=True, detail={"reason": reason})
