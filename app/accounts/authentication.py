"""Access tokens at the front door: the token is verified, then its session, client and user are read at once."""

from uuid import UUID

from app.accounts import queries
from app.accounts.models import SessionState, SignedIn, SignedInOperator, SignedInUser
from app.clients.models import ACTIVE
from app.core import clock, db, errors, metrics
from app.core.actors import Origin
from app.core.admission import Admitted
from app.core.errors import Named
from app.limits import tiers, usage, windows
from app.roles import service as roles
from app.sessions import access_tokens
from app.users.models import ACTIVE as ACTIVE_USER


@metrics.counted(metrics.token_validated)
def authenticate(credential: str, origin: Origin) -> Admitted:
    """Return the user of an access token, after counting the call in the user's windows.

    Raises AuthenticationRequired, TokenExpired, TokenRevoked and ClientSuspended, marked with whom the token names, and
    RateLimited.
    """
    state = _state_of(credential)
    windows_of_user = tiers.user_windows(state.client_id, state.limits_epoch, state.limits, state.user.user_id)
    counted = windows.count(windows_of_user)
    if counted.wait > 0:
        usage.note(state.client_id, None, refusals=1)
        raise errors.RateLimited(retry_after=counted.wait, states=counted.states)
    usage.note(state.client_id, None, requests=1)
    return Admitted(_actor(state, origin), counted.states)


def _state_of(credential: str) -> SessionState:
    claims = access_tokens.verify(credential)
    try:
        with db.reading():
            state = queries.session_state(claims.client_id, claims.session_id, claims.user_id)
    except errors.ClientNotFound as gone:
        raise errors.AuthenticationRequired() from gone
    return require_live(state, claims.client_id, claims.user_id)


def require_live(state: SessionState | None, client_id: UUID, user_id: UUID) -> SessionState:
    """Return a session that may go on; raises TokenRevoked and ClientSuspended, marked with whom it names."""
    named = Named(client_id, user_id=user_id)
    if state is None:
        raise errors.TokenRevoked().of(named)
    if state.client_status != ACTIVE:
        raise errors.ClientSuspended().of(named)
    if state.revoked_at is not None or state.user.status != ACTIVE_USER or state.expires_at <= clock.now():
        raise errors.TokenRevoked().of(named)
    return state


def _actor(state: SessionState, origin: Origin) -> SignedIn:
    user = state.user
    kind = SignedInOperator if state.is_platform and user.role == roles.SUPER_ADMIN else SignedInUser
    return kind(
        origin=origin,
        client=state.client_id,
        user=user.user_id,
        session_id=state.session_id,
        role=user.role,
        scopes=roles.scopes_of(user.role),
        authenticated_at=state.authenticated_at,
        profile=user,
        allowed_origins=state.allowed_origins,
    )
