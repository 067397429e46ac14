"""Token introspection (RFC 7662): whether a token of this client is good now, and whose it is.

A token that is not, for whatever reason, is answered alike: `active: false` and nothing else (RFC 7662, 2.2).
"""

from dataclasses import dataclass
from uuid import UUID

from app.accounts import queries
from app.accounts.authentication import read_live, require_live
from app.accounts.models import SessionState
from app.core import db, errors
from app.sessions import access_tokens
from app.sessions import service as sessions

ACCESS, REFRESH = "access", "refresh"
_NOT_GOOD = (
    errors.AuthenticationRequired,
    errors.TokenExpired,
    errors.TokenRevoked,
    errors.ClientSuspended,
    errors.MfaRequired,
)


@dataclass(frozen=True, slots=True)
class Introspection:
    """What is told of a good token; `kind` is `access` or `refresh`, `exp` Unix seconds."""

    token_type: str
    kind: str
    client_id: UUID
    aud: UUID
    sub: UUID
    sid: UUID
    username: str
    scope: str
    iss: str
    exp: int
    act: dict[str, UUID] | None = None


def introspect(client_id: UUID, token: str) -> Introspection | None:
    """Return what a good access or refresh token of a client says; None for every other. Nothing is spent."""
    try:
        return _refresh_token(client_id, token) if token.startswith("rlk_") else _access_token(client_id, token)
    except _NOT_GOOD:
        return None


def _access_token(client_id: UUID, token: str) -> Introspection | None:
    claims = access_tokens.verify(token)
    if claims.client_id != client_id:
        return None
    return _told(ACCESS, read_live(client_id, claims.session_id, claims.user_id), claims.expires)


def _refresh_token(client_id: UUID, token: str) -> Introspection | None:
    with db.reading():
        found = sessions.find(client_id, token)
        if found is None or not sessions.is_unspent(found):
            return None
        state = queries.session_state(client_id, found.session_id, found.user_id)
    return _told(REFRESH, require_live(state, client_id, found.user_id), int(found.expires_at.timestamp()))


def _told(kind: str, state: SessionState, expires: int) -> Introspection:
    return Introspection(
        token_type="Bearer",  # noqa: S106 - how such a token is sent (RFC 6749, 5.1)
        kind=kind,
        client_id=state.client_id,
        aud=state.client_id,
        sub=state.user.user_id,
        sid=state.session_id,
        username=state.user.email,
        scope=" ".join(sorted(state.scopes)),
        iss=access_tokens.issuer_of(state.client_id),
        exp=expires,
        act=None if state.impersonator_id is None else {"sub": state.impersonator_id},
    )
