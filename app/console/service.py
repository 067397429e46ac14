"""The console's session, by the flows that every login takes; whoever logs in has the rights of a publishable key.

The calls name no client in their path, so each flow is held to the rows of the client that it turns out to be about.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, NoReturn
from uuid import UUID

from app.accounts import (
    login,
    logout,
    mfa_login,
    passkey_login,
    password_check,
    queries,
    reauthentication,
)
from app.accounts import refresh as refreshing
from app.accounts.errors import MfaEnrollmentRequired
from app.accounts.models import LoggedIn, SignedIn
from app.accounts.password_check import InvalidCredentials
from app.clients import service as clients
from app.clients.models import Client
from app.codes.errors import InvalidCode
from app.codes.models import LIVES, MFA_ENROLLMENT, MFA_PENDING
from app.console.models import ConsoleSession, Entered, HalfEntered
from app.console.places import acting_at, find, stand_in
from app.core import clock, db, errors, isolation, metrics
from app.core.actors import FRESH_FOR, Origin
from app.core.errors import AppError, MfaRequired
from app.core.metrics import UNKNOWN
from app.mfa import passkeys
from app.roles.service import SUPER_ADMIN
from app.sessions import access_tokens
from app.sessions import service as sessions
from app.sessions.models import AccessClaims

_PASSKEYS_ELSEWHERE = (
    "The passkeys of this client belong to its own website and do not work in the console. Log in by password."
)
_WRONG = "The client, the e-mail address or the password is wrong."
_NO_LOGIN_BY_PASSKEY = (
    "No login by passkey was possible: the client or the passkey is not known here, or the answer came too late."
)
_PASSKEY_UNFIT = "This passkey is not known here, or its answer came too late."


def log_in(origin: Origin, *, client: str, email: str, password: str) -> Entered | HalfEntered:
    """Check a password at the client that is named by slug or id, and begin a session, or half of a login.

    Raises what login.log_in() does, save for what is asked beyond the password. An unknown client is answered as a
    wrong password is, and costs the same work.
    """
    found = find(client)
    if found is None:
        _log_in_nowhere(client, email=email, password=password)
    with acting_at(found, origin) as actor:
        try:
            return _entered(login.log_in(actor, found.client_id, email=email, password=password))
        except InvalidCredentials:
            raise InvalidCredentials(_WRONG) from None
        except MfaRequired as asked:
            withheld = {"mfa_token"} if passkeys.work_here(found) else {"mfa_token", "passkey_options"}
            told = {name: value for name, value in asked.extra.items() if name not in withheld}
            return _half(found, asked.extra["mfa_token"], MFA_PENDING, MfaRequired(**told))
        except MfaEnrollmentRequired as asked:
            error = MfaEnrollmentRequired(client_id=str(found.client_id))
            return _half(found, asked.extra["enrollment_token"], MFA_ENROLLMENT, error)


def complete(origin: Origin, client_id: UUID, **factor: Any) -> Entered:
    """Complete a login with a second factor; takes and raises what mfa_login.complete() does."""
    found = find(client_id)
    if found is None:
        raise login_is_over()
    with acting_at(found, origin) as actor, _told_of_passkeys(_PASSKEY_UNFIT, factor):
        return _entered(mfa_login.complete(actor, client_id, **factor))


def login_is_over() -> InvalidCode:
    """Return what a second factor for no login is answered with."""
    return InvalidCode("This login is over: begin again with the password.")


def passkey_options(client: str) -> dict[str, Any]:
    """Return what a browser logs in with; at an unknown client, what it would be at any other.

    Raises Conflict where the client's passkeys belong to other addresses than the console's.
    """
    found = find(client) or stand_in()
    if not passkeys.work_here(found):
        raise errors.Conflict(_PASSKEYS_ELSEWHERE)
    with isolation.within(found.client_id):
        return passkey_login.options(found.client_id)


def log_in_with_passkey(origin: Origin, *, client: str, credential: dict[str, Any]) -> Entered:
    """Check a passkey's answer and begin a session; raises what passkey_login.log_in() does."""
    found = find(client)
    if found is None:
        raise InvalidCode(_NO_LOGIN_BY_PASSKEY)
    with acting_at(found, origin) as actor, _told_of_passkeys(_NO_LOGIN_BY_PASSKEY, {"credential": credential}):
        return _entered(passkey_login.log_in(actor, found.client_id, credential=credential))


def refresh(origin: Origin, client_id: UUID, refresh_token: str) -> Entered:
    """Refresh a session; raises what refresh.refresh() does."""
    found = find(client_id)
    if found is None:
        raise errors.TokenRevoked()
    with acting_at(found, origin) as actor:
        return _entered(refreshing.refresh(actor, client_id, refresh_token=refresh_token))


def prove(actor: SignedIn, **proof: Any) -> Entered:
    """Begin a fresh session in place of the caller's; takes and raises what reauthentication.succeed() does."""
    with isolation.within(actor.client), _told_of_passkeys(_PASSKEY_UNFIT, proof):
        return _entered(reauthentication.succeed(actor, **proof))


def show(actor: SignedIn) -> ConsoleSession:
    """Return the caller's session."""
    with isolation.within(actor.client):
        return _shown(actor.client, actor.session_id, actor.user)[0]


def has_successor(client_id: UUID, session_id: UUID) -> bool:
    """Whether a proof of identity has put another session in the place of one, and that one lives."""
    with isolation.within(client_id), db.reading():
        return sessions.has_successor(client_id, session_id)


def session_named(access_token: str) -> UUID | None:
    """Return the session that a genuine access token names."""
    claims = _claims_of(access_token)
    return claims.session_id if claims else None


def end_named(origin: Origin, access_token: str) -> None:
    """End the session that a genuine access token names; at a client that is being erased they end with it."""
    claims = _claims_of(access_token)
    found = find(claims.client_id) if claims else None
    if claims is None or found is None:
        return
    with acting_at(found, origin) as actor:
        logout.end(actor, claims.client_id, user_id=claims.user_id, session_id=claims.session_id)


def end_of(origin: Origin, client_id: UUID, refresh_token: str) -> None:
    """End the session of a refresh token; at a client that is being erased they end with it."""
    found = find(client_id)
    if found is None:
        return
    with acting_at(found, origin) as actor:
        logout.log_out(actor, client_id, refresh_token=refresh_token, everywhere=False)


def _claims_of(access_token: str) -> AccessClaims | None:
    """Return what a genuine token of the console's own says; who acts for a user has none in a cookie."""
    with contextlib.suppress(errors.AuthenticationRequired, errors.TokenExpired):
        claims = access_tokens.verify(access_token)
        return claims if claims.impersonator_id is None else None
    return None


def _log_in_nowhere(client: str, *, email: str, password: str) -> NoReturn:
    """Do the work of a login that fails: whoever guesses clients learns nothing, and is throttled as at a real one.

    The tries are counted at the platform, under a name that no address has, for an address holds no space.
    """
    nowhere, subject = stand_in().client_id, f"{client.strip().lower()} {email}"
    with isolation.within(nowhere), metrics.login(UNKNOWN):
        found = password_check.reserve(nowhere, subject)
        password_check.is_right(nowhere, subject, password=password, login=found)
        raise InvalidCredentials(_WRONG)


@contextlib.contextmanager
def _told_of_passkeys(unfit: str, proof: dict[str, Any]) -> Iterator[None]:
    """Say of a passkey that it is not taken, where nobody was asked for a code."""
    try:
        yield
    except InvalidCode as wrong:
        if proof.get("credential") is None or wrong.detail != InvalidCode.title:
            raise
        raise InvalidCode(unfit) from None


def _half(client: Client, token: str, purpose: str, asked: AppError) -> HalfEntered:
    return HalfEntered(client.client_id, token, int(LIVES[purpose].total_seconds()), asked)


def _entered(logged_in: LoggedIn) -> Entered:
    tokens, user = logged_in.tokens, logged_in.user
    client_id = isolation.current().client_id
    if client_id is None:
        raise ValueError("a login is about one client")
    shown, idle_ttl = _shown(client_id, tokens.session_id, user.user_id)
    left = int((shown.expires_at - clock.now()).total_seconds())
    return Entered(shown, tokens, max(0, min(idle_ttl, left)))


def _shown(client_id: UUID, session_id: UUID, user_id: UUID) -> tuple[ConsoleSession, int]:
    """Return a session, and the seconds after which it ends unless it is refreshed."""
    with db.reading():
        client, state = clients.require(client_id), queries.session_state(client_id, session_id, user_id)
    if state is None:
        raise errors.TokenRevoked()
    session = ConsoleSession(
        session_id=session_id,
        client=client,
        user=state.user,
        scopes=sorted(state.scopes),
        is_operator=state.is_platform and state.user.role == SUPER_ADMIN,
        fresh_until=state.authenticated_at + FRESH_FOR,
        expires_at=state.expires_at,
    )
    return session, state.settings.session_idle_ttl
