"""The console's session, by the flows that every login takes; whoever logs in has the rights of a publishable key.

The calls name no client in their path, so each flow is held to the rows of the client that it turns out to be about.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from uuid import UUID

from app.accounts import (
    email_verification,
    login,
    logout,
    mfa_login,
    passkey_login,
    password_check,
    password_reset,
    queries,
    reauthentication,
)
from app.accounts import refresh as refreshing
from app.accounts.errors import MfaEnrollmentRequired
from app.accounts.models import LoggedIn, SignedIn
from app.accounts.password_check import InvalidCredentials
from app.clients import service as clients
from app.clients.models import ACTIVE, PLATFORM_SLUG, Client
from app.codes.errors import InvalidCode
from app.codes.models import LIVES, MFA_ENROLLMENT, MFA_PENDING
from app.console.models import ConsoleSession, Entered, HalfEntered
from app.core import clock, db, errors, isolation, metrics
from app.core.actors import FRESH_FOR, ConsoleActor, Origin
from app.core.errors import AppError, MfaRequired
from app.core.ids import parse_id
from app.core.isolation import Crossing
from app.core.metrics import UNKNOWN
from app.mfa import passkeys
from app.roles.service import SUPER_ADMIN
from app.sessions import access_tokens
from app.sessions import service as sessions
from app.sessions.models import AccessClaims
from app.users import service as users

_PASSKEYS_ELSEWHERE = (
    "The passkeys of this client belong to its own website and do not work in the console. Log in by password."
)


def log_in(origin: Origin, *, client: str, email: str, password: str) -> Entered | HalfEntered:
    """Check a password at the client that is named by slug or id, and begin a session, or half of a login.

    Raises what login.log_in() does, save for what is asked beyond the password. An unknown client is answered as a
    wrong password is, and costs the same work.
    """
    found = _find(client)
    if found is None:
        _log_in_nowhere(client, email=email, password=password)
    with _at(found, origin) as actor:
        try:
            return _entered(login.log_in(actor, found.client_id, email=email, password=password))
        except MfaRequired as asked:
            withheld = {"mfa_token"} if passkeys.work_here(found) else {"mfa_token", "passkey_options"}
            told = {name: value for name, value in asked.extra.items() if name not in withheld}
            return _half(found, asked.extra["mfa_token"], MFA_PENDING, MfaRequired(**told))
        except MfaEnrollmentRequired as asked:
            error = MfaEnrollmentRequired(client_id=str(found.client_id))
            return _half(found, asked.extra["enrollment_token"], MFA_ENROLLMENT, error)


def complete(origin: Origin, client_id: UUID, **factor: Any) -> Entered:
    """Complete a login with a second factor; takes and raises what mfa_login.complete() does."""
    found = _find(client_id)
    if found is None:
        raise login_is_over()
    with _at(found, origin) as actor:
        return _entered(mfa_login.complete(actor, client_id, **factor))


def login_is_over() -> InvalidCode:
    """Return what a second factor for no login is answered with."""
    return InvalidCode("This login is over: begin again with the password.")


def passkey_options(client: str) -> dict[str, Any]:
    """Return what a browser logs in with; at an unknown client, what it would be at any other.

    Raises Conflict where the client's passkeys belong to other addresses than the console's.
    """
    found = _find(client) or _platform()
    if not passkeys.work_here(found):
        raise errors.Conflict(_PASSKEYS_ELSEWHERE)
    with isolation.within(found.client_id):
        return passkey_login.options(found.client_id)


def log_in_with_passkey(origin: Origin, *, client: str, credential: dict[str, Any]) -> Entered:
    """Check a passkey's answer and begin a session; raises what passkey_login.log_in() does."""
    found = _find(client)
    if found is None:
        raise InvalidCode()
    with _at(found, origin) as actor:
        return _entered(passkey_login.log_in(actor, found.client_id, credential=credential))


def refresh(origin: Origin, client_id: UUID, refresh_token: str) -> Entered:
    """Refresh a session; raises what refresh.refresh() does."""
    found = _find(client_id)
    if found is None:
        raise errors.TokenRevoked()
    with _at(found, origin) as actor:
        return _entered(refreshing.refresh(actor, client_id, refresh_token=refresh_token))


def prove(actor: SignedIn, **proof: Any) -> Entered:
    """Begin a fresh session in place of the caller's; takes and raises what reauthentication.succeed() does."""
    with isolation.within(actor.client):
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
    found = _find(claims.client_id) if claims else None
    if claims is None or found is None:
        return
    with _at(found, origin) as actor:
        logout.end(actor, claims.client_id, user_id=claims.user_id, session_id=claims.session_id)


def end_of(origin: Origin, client_id: UUID, refresh_token: str) -> None:
    """End the session of a refresh token; at a client that is being erased they end with it."""
    found = _find(client_id)
    if found is None:
        return
    with _at(found, origin) as actor:
        logout.log_out(actor, client_id, refresh_token=refresh_token, everywhere=False)


def forget_password(origin: Origin, *, client: str, email: str) -> None:
    """Mail a code that resets a password; at an unknown or suspended client the same work is done, and nothing sent."""
    _mail(password_reset.forget, password_reset.send, origin, client=client, email=email)


def resend_verification(origin: Origin, *, client: str, email: str) -> None:
    """Mail another code to an address that waits to be confirmed; elsewhere as forget_password() does."""
    _mail(email_verification.resend, email_verification.send, origin, client=client, email=email)


def _mail(
    ask: Callable[..., None], stand_in_for: Callable[..., bool], origin: Origin, *, client: str, email: str
) -> None:
    """Do what mails a code at a client that is there and active; else the same work, by which nothing is sent."""
    found = _find(client)
    if found is not None and found.status == ACTIVE:
        with _at(found, origin) as actor:
            ask(actor, found.client_id, email=email)
        return
    stand_in = _platform()
    with isolation.within(stand_in.client_id), db.unit_of_work():
        users.find_by_email(stand_in.client_id, email)
        stand_in_for(stand_in, None, email, eligible=False)


def _find(named: str | UUID) -> Client | None:
    """Return the client with a slug or an id; one that is being erased is not there any more."""
    spelt = str(named).strip().lower()
    client_id = parse_id(spelt)
    with isolation.across(Crossing.CONSOLE), db.reading():
        return clients.find(client_id) if client_id else clients.find_by_slug(spelt)


def _claims_of(access_token: str) -> AccessClaims | None:
    """Return what a genuine token of the console's own says; who acts for a user has none in a cookie."""
    with contextlib.suppress(errors.AuthenticationRequired, errors.TokenExpired):
        claims = access_tokens.verify(access_token)
        return claims if claims.impersonator_id is None else None
    return None


def _platform() -> Client:
    """Return the client that stands in for one that is not there; raises NotMigrated."""
    found = _find(PLATFORM_SLUG)
    if found is None:
        raise errors.NotMigrated()
    return found


def _log_in_nowhere(client: str, *, email: str, password: str) -> NoReturn:
    """Do the work of a login that fails: whoever guesses clients learns nothing, and is throttled as at a real one.

    The tries are counted at the platform, under a name that no address has, for an address holds no space.
    """
    stand_in, subject = _platform().client_id, f"{client.strip().lower()} {email}"
    with isolation.within(stand_in), metrics.login(UNKNOWN):
        found = password_check.reserve(stand_in, subject)
        password_check.is_right(stand_in, subject, password=password, login=found)
        raise InvalidCredentials()


@contextlib.contextmanager
def _at(client: Client, origin: Origin) -> Iterator[ConsoleActor]:
    """Hold a flow to the rows of the client that it is about."""
    with isolation.within(client.client_id):
        yield ConsoleActor(origin, client=client.client_id, tier=client.tier)


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
