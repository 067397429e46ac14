"""Sessions begin, are refreshed and end, each inside the unit of work in force.

A refresh token is single use. Its successor is an HMAC of it under a server key, so presenting the last parent again
within the grace answers the same successor, and nothing in the database can derive it (RFC 9700, 4.14.2).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.codes import service as codes
from app.codes.models import HALF_LOGINS, OF_SESSIONS
from app.core import clock, crypto, db, errors, metrics
from app.core.actors import Origin
from app.core.ids import new_id
from app.sessions import access_tokens, store
from app.sessions.models import IssuedTokens, RefreshToken, Session, Subject

GRACE = timedelta(seconds=10)
MOST_OF_A_USER = 50
"""Live sessions of one user; one more ends the oldest."""
_LABEL = "refresh successor"


class RefreshReused(errors.TokenRevoked):
    """A spent refresh token was presented: its whole session has been ended."""

    def __init__(self, token: RefreshToken) -> None:
        """Carry the token for the audit row."""
        super().__init__("This refresh token was used before; the session has been ended.")
        self.token = token


def start(subject: Subject, *, origin: Origin, amr: list[str], ends: datetime | None = None) -> IssuedTokens:
    """Begin a session after a proof of identity; of the user's others the oldest end where they are too many.

    Whoever calls holds the user's row, so that of many logins at once each sees those before it. `ends`: it takes the
    place of another session, and ends when that one would have.
    """
    now, session_id = clock.now(), new_id()
    ends = ends or now + timedelta(seconds=subject.session_absolute_ttl)
    idle_since = now - timedelta(seconds=subject.session_idle_ttl)
    ended = store.end_oldest(
        subject.client_id, subject.user_id, idle_since=idle_since, now=now, kept=MOST_OF_A_USER - 1
    )
    _note_ended("too_many", ended)
    store.add_session(subject, session_id, origin, authenticated_at=now, now=now, expires_at=ends, amr=amr)
    secret = crypto.new_secret("rt")
    _add_token(subject, session_id, secret, now=now, seq=1, parent=None, session_ends=ends)
    return replace(_issued(subject, session_id, secret, authenticated_at=now, amr=amr), ended=ended)


def spend(client_id: UUID, refresh_token: str) -> RefreshToken | None:
    """Spend a refresh token; None if it cannot be spent. Exactly one of many callers gets it."""
    if crypto.kind_of(refresh_token) != "rt":
        return None
    return store.spend_token(client_id, crypto.digest(refresh_token), now=clock.now())


def succeed(
    subject: Subject,
    spent: RefreshToken,
    refresh_token: str,
    *,
    origin: Origin,
    authenticated_at: datetime,
    session_ends: datetime,
    amr: list[str],
) -> IssuedTokens:
    """Give the token just spent its successor, with a fresh access token."""
    now, secret = clock.now(), next(crypto.derived_secret("rt", _LABEL, refresh_token))
    _add_token(
        subject, spent.session_id, secret, now=now, seq=spent.seq + 1, parent=spent.token_id, session_ends=session_ends
    )
    store.see_session(spent.session_id, now=now, address=origin.ip_address, agent=origin.user_agent)
    return _issued(subject, spent.session_id, secret, authenticated_at=authenticated_at, amr=amr)


def last_parent(client_id: UUID, refresh_token: str) -> tuple[RefreshToken, str]:
    """Return a token spent within the grace whose successor still lives, and that successor.

    Raises TokenRevoked (unknown), TokenExpired, or RefreshReused after ending the session.
    """
    token = find(client_id, refresh_token)
    now = clock.now()
    if token is None:
        raise errors.TokenRevoked()
    if token.spent_at is None:
        raise SessionEnded()
    for candidate in crypto.derived_secret("rt", _LABEL, refresh_token):
        child = store.find_token(client_id, crypto.digest(candidate))
        if child is not None and child.spent_at is None and now - token.spent_at <= GRACE:
            return token, candidate
    _note_ended("refresh_reuse", store.revoke(client_id, now=now, session_id=token.session_id))
    raise RefreshReused(token)


def repeat(
    subject: Subject, token: RefreshToken, successor: str, *, authenticated_at: datetime, amr: list[str]
) -> IssuedTokens:
    """Answer the last parent within its grace: the same successor, a fresh access token."""
    return _issued(subject, token.session_id, successor, authenticated_at=authenticated_at, amr=amr)


def find(client_id: UUID, refresh_token: str) -> RefreshToken | None:
    """Return a refresh token's row, live or not; None for an unknown one."""
    if crypto.kind_of(refresh_token) != "rt":
        return None
    return store.find_token(client_id, crypto.digest(refresh_token))


def is_unspent(token: RefreshToken | None) -> bool:
    """Whether a token, if its session lives, could still be refreshed."""
    return token is not None and token.spent_at is None and token.expires_at > clock.now()


def revoke(client_id: UUID, session_id: UUID, *, reason: str, user_id: UUID | None = None) -> bool:
    """End a session at once; False if there is no such live one (of that user). `reason` is for the metrics."""
    return _note_ended(reason, store.revoke(client_id, now=clock.now(), session_id=session_id, user_id=user_id)) == 1


def revoke_all(client_id: UUID, user_id: UUID, *, reason: str, keep: UUID | None = None) -> int:
    """End all of a user's sessions, save one, and those in which it acts for others; return how many.

    What is half begun ends with them: logins and enrolments that wait for a factor, passkey ceremonies, a new address
    that has not answered. Of what was begun in a session that is kept, only half logins end; what was begun in another
    is bound to that one and dead with it (was_revoked). Codes go first: whoever is just redeeming one is waited for,
    and the session that came of it is ended too.
    """
    codes.void(client_id, user_id, *(OF_SESSIONS if keep is None else HALF_LOGINS))
    return _note_ended(reason, store.revoke_of_user(client_id, user_id, now=clock.now(), keep=keep))


def revoke_everyones(client_id: UUID, *, reason: str) -> int:
    """End all sessions of a client, and what is half begun, as revoke_all() does; return how many."""
    codes.void_everyones(client_id, *OF_SESSIONS)
    return _note_ended(reason, store.revoke(client_id, now=clock.now()))


def was_revoked(client_id: UUID, session_id: UUID) -> bool:
    """Whether a session was ended before its time; also of one that is not there (any more)."""
    return store.was_revoked(client_id, session_id)


def has_successor(client_id: UUID, session_id: UUID) -> bool:
    """Whether another session lives that was begun in the place of this one: both end at the very same moment."""
    return store.has_successor(client_id, session_id)


def note_authentication(session_id: UUID) -> None:
    """Make a session fresh: its user has just proved who they are."""
    store.authenticate_session(session_id, now=clock.now())


def live(
    client_id: UUID, user_id: UUID, *, idle_ttl: int, after: tuple[datetime, UUID] | None, limit: int
) -> list[Session]:
    """Return up to `limit` + 1 live sessions of a user, newest first."""
    now = clock.now()
    idle_since = now - timedelta(seconds=idle_ttl)
    return store.live_sessions(client_id, user_id, idle_since=idle_since, now=now, after=after, limit=limit + 1)


def delete_of_user(client_id: UUID, user_id: UUID, *, reason: str) -> dict[str, int]:
    """Delete a user's sessions and tokens, and those in which it acts for others; return how many of each.

    Their access tokens stop working at once.
    """
    live, deleted, tokens = store.delete_of_user(client_id, user_id)
    _note_ended(reason, live)
    return {"sessions": deleted, "tokens": tokens}


def users_with_sessions(client_id: UUID) -> list[UUID]:
    """Return the users whom a client's sessions and tokens name."""
    return store.users_with_sessions(client_id)


class SessionEnded(errors.TokenExpired):
    """A refresh token past its end."""

    keeps_writes = True


def _add_token(
    subject: Subject,
    session_id: UUID,
    secret: str,
    *,
    now: datetime,
    seq: int,
    parent: UUID | None,
    session_ends: datetime,
) -> None:
    values: dict[str, Any] = {
        "token_id": new_id(),
        "client_id": subject.client_id,
        "user_id": subject.user_id,
        "session_id": session_id,
        "digest": crypto.digest(secret),
        "seq": seq,
        "parent_id": parent,
        "created_at": now,
        "expires_at": min(now + timedelta(seconds=subject.session_idle_ttl), session_ends),
    }
    store.add_token(values)
    db.after_commit(partial(metrics.token_generated, "refresh"))


def _issued(
    subject: Subject, session_id: UUID, refresh_token: str, *, authenticated_at: datetime, amr: list[str]
) -> IssuedTokens:
    access = access_tokens.issue(subject, session_id=session_id, authenticated_at=authenticated_at, amr=amr)
    db.after_commit(partial(metrics.token_generated, "access"))
    return IssuedTokens(session_id, access, refresh_token, subject.access_token_ttl)


def _note_ended(reason: str, sessions: int) -> int:
    if sessions:
        db.after_commit(partial(metrics.token_revoked, reason, sessions))
    return sessions
