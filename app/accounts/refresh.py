"""Refreshing a session: the token is spent, its successor issued; a token spent before ends the session."""

from typing import Any, NoReturn
from uuid import UUID

from app.accounts import queries
from app.accounts.entry import SuspendedForNow
from app.accounts.errors import MfaEnrollmentRequired
from app.accounts.models import LoggedIn, SessionState
from app.accounts.subjects import subject_of, told_to
from app.audit import service as audit
from app.clients.models import ACTIVE as CLIENT_ACTIVE
from app.core import clock, db, errors
from app.core.actors import Actor
from app.core.errors import MfaRequired
from app.mfa import service as mfa
from app.sessions import service as sessions
from app.sessions.models import RefreshToken, Subject
from app.sessions.service import RefreshReused
from app.users.errors import AccountDisabled
from app.users.models import ACTIVE

REFRESHED, REUSED = "session.refresh", "session.refresh_reuse"
_AGAIN = "This session was begun without a second factor: log in again."


class _StandsStill(Exception):
    """The session may not go on for now: its client is suspended, or asks for a second factor that it was begun
    without. What the attempt wrote is rolled back, so that the token is not spent."""

    def __init__(self, state: SessionState) -> None:
        super().__init__()
        self.state = state


def refresh(actor: Actor, client_id: UUID, *, refresh_token: str) -> LoggedIn:
    """Return a new pair for a refresh token.

    Raises TokenRevoked (unknown, spent, or its session ended), TokenExpired, AccountDisabled; what an attempt wrote
    stays, its audit row included. Where the client is suspended, or its policy asks for a second factor that the
    session was begun without, the token is not spent: ClientSuspended; MfaRequired or MfaEnrollmentRequired say to log
    in again.
    """
    try:
        return _refreshed(actor, client_id, refresh_token)
    except _StandsStill as still:
        _refuse(actor, still.state)


def _refreshed(actor: Actor, client_id: UUID, refresh_token: str) -> LoggedIn:
    with db.unit_of_work():
        token = sessions.spend(client_id, refresh_token)
        if token is None:
            return _again(actor, client_id, refresh_token)
        state = _live(actor, client_id, token)
        tokens = sessions.succeed(
            _subject(actor, state),
            token,
            refresh_token,
            origin=actor.origin,
            authenticated_at=state.authenticated_at,
            session_ends=state.expires_at,
            amr=state.amr,
        )
        _record(actor, token)
    return LoggedIn(state.user, tokens)


def _again(actor: Actor, client_id: UUID, refresh_token: str) -> LoggedIn:
    """Answer a token that cannot be spent: the last parent within its grace gets the same successor."""
    try:
        token, successor = sessions.last_parent(client_id, refresh_token)
    except RefreshReused as reused:
        detail = {"session_id": str(reused.token.session_id)}
        audit.record(actor, REUSED, client_id=client_id, user_id=reused.token.user_id, failed=True, detail=detail)
        raise
    except (errors.TokenRevoked, errors.TokenExpired) as dead:
        audit.record(actor, REFRESHED, client_id=client_id, failed=True, detail={"reason": dead.code})
        raise
    state = _live(actor, client_id, token)
    subject = _subject(actor, state)
    tokens = sessions.repeat(subject, token, successor, authenticated_at=state.authenticated_at, amr=state.amr)
    _record(actor, token, repeated=True)
    return LoggedIn(state.user, tokens)


def _live(actor: Actor, client_id: UUID, token: RefreshToken) -> SessionState:
    """Return the session of a token if it, its user and its client may go on."""
    state = queries.session_state(client_id, token.session_id, token.user_id)
    error: errors.AppError | None = None
    if state is None or state.revoked_at is not None:
        error = errors.TokenRevoked()
    elif state.expires_at <= clock.now():
        error = sessions.SessionEnded()
    elif state.user.status != ACTIVE:
        error = AccountDisabled()
    if error is not None or state is None:
        _record(actor, token, reason=error.code if error else "token_revoked")
        raise error or errors.TokenRevoked()
    if state.client_status != CLIENT_ACTIVE or state.lacks_factor:
        raise _StandsStill(state)
    return state


def _refuse(actor: Actor, state: SessionState) -> NoReturn:
    """Say why a session stands still, and give nothing that leads on: a refresh token proves nobody to be there."""
    with db.unit_of_work():
        error = _reason(state)
        detail = {"session_id": str(state.session_id), "reason": error.code}
        audit.record(
            actor, REFRESHED, client_id=state.client_id, user_id=state.user.user_id, failed=True, detail=detail
        )
        raise error


def _reason(state: SessionState) -> errors.AppError:
    if state.client_status != CLIENT_ACTIVE:
        return SuspendedForNow()
    enrolled = mfa.has_second_factor(state.client_id, state.user.user_id)
    return MfaRequired(_AGAIN) if enrolled else MfaEnrollmentRequired(_AGAIN)


def _subject(actor: Actor, state: SessionState) -> Subject:
    subject = subject_of(
        state.user,
        client_id=state.client_id,
        client_version=state.client_version,
        settings=state.settings,
        scopes=state.scopes,
    )
    return told_to(actor, subject)


def _record(actor: Actor, token: RefreshToken, *, reason: str | None = None, repeated: bool = False) -> None:
    detail: dict[str, Any] = {"session_id": str(token.session_id)}
    detail |= {"reason": reason} if reason else {}
    detail |= {"repeated": True} if repeated else {}
    audit.record(actor, REFRESHED, user_id=token.user_id, failed=reason is not None, detail=detail)
