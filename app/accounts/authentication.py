"""Access tokens at the front door: the token is verified, then its session, client and user are read at once."""

from uuid import UUID

from app.accounts import half_login, queries
from app.accounts.models import SessionState, SignedIn, SignedInOperator, SignedInUser
from app.clients import service as clients
from app.clients.models import ACTIVE, ERASING
from app.codes.models import MFA_ENROLLMENT
from app.core import clock, db, errors, isolation, metrics
from app.core.actors import EnrolleeActor, Origin, UserActor
from app.core.admission import Admitted
from app.core.errors import Named
from app.core.windows import WindowState
from app.limits import tiers, usage, windows
from app.limits.tiers import Tier
from app.mfa import service as mfa
from app.roles import service as roles
from app.sessions import access_tokens
from app.users import service as users
from app.users.models import ACTIVE as ACTIVE_USER


@metrics.counted(metrics.token_validated)
def authenticate(credential: str, origin: Origin, *, counted: bool = True) -> Admitted:
    """Return the user of an access token, after counting the call in the user's windows if it is to be `counted`.

    Raises AuthenticationRequired, TokenExpired, TokenRevoked, ClientSuspended and MfaRequired, marked with whom the
    token names, and RateLimited.
    """
    state = _state_of(credential)
    states = _counted(state.client_id, state.limits_epoch, state.limits, state.user.user_id) if counted else ()
    return Admitted(_actor(state, origin), states)


def authenticate_enrollee(credential: str, origin: Origin, *, client_id: UUID | None) -> Admitted:
    """Return who must set up a second factor before the first session, after counting the call as the user's.

    Raises AuthenticationRequired once there is a factor too, ClientSuspended and RateLimited.
    """
    if client_id is None:
        raise errors.AuthenticationRequired()
    with isolation.within(client_id), db.reading():
        login = half_login.find(client_id, MFA_ENROLLMENT, credential)
        if login is None or mfa.has_second_factor(client_id, login.user.user_id):
            raise errors.AuthenticationRequired()
        client, user_id = clients.require(client_id), login.user.user_id
        limits = tiers.of_client(client)
    if client.status != ACTIVE:
        raise errors.ClientSuspended().of(Named(client_id, user_id=user_id))
    states = _counted(client_id, client.limits_epoch, limits, user_id)
    allowed = client.settings.allowed_origins
    actor = EnrolleeActor(origin=origin, client=client_id, user=user_id, token=credential, allowed_origins=allowed)
    return Admitted(actor, states)


def _counted(client_id: UUID, epoch: int, limits: Tier, user_id: UUID) -> tuple[WindowState, ...]:
    """Count a call in its user's windows; raises RateLimited."""
    counted = windows.count(tiers.user_windows(client_id, epoch, limits, user_id))
    if counted.wait > 0:
        usage.note(client_id, None, refusals=1)
        raise errors.RateLimited(retry_after=counted.wait, states=counted.states)
    usage.note(client_id, None, requests=1)
    return counted.states


def _state_of(credential: str) -> SessionState:
    claims = access_tokens.verify(credential)
    try:
        return read_live(claims.client_id, claims.session_id, claims.user_id)
    except errors.ClientNotFound as gone:
        raise errors.AuthenticationRequired() from gone


def read_live(client_id: UUID, session_id: UUID, user_id: UUID) -> SessionState:
    """Return a session that may go on, read in one statement; raises what require_live() raises, and ClientNotFound."""
    with isolation.within(client_id), db.reading():
        state = queries.session_state(client_id, session_id, user_id)
        if state is not None and state.impersonator_id is not None and not _may_impersonate(state):
            state = None
    return require_live(state, client_id, user_id)


def _may_impersonate(state: SessionState) -> bool:
    """Whether the admin who acts for a session's user still may: a role can lose that right within the 15 minutes."""
    admin = users.find(state.client_id, state.impersonator_id) if state.impersonator_id else None
    return admin is not None and roles.IMPERSONATE in roles.scopes_of(state.client_id, admin.role)


def require_live(state: SessionState | None, client_id: UUID, user_id: UUID) -> SessionState:
    """Return a session that may go on; raises TokenRevoked, ClientSuspended and MfaRequired, marked with whom it names.

    Raises ClientNotFound for a client that is being erased.
    A session that was begun before its client's policy asked for a second factor is not ended, but stands still.
    """
    named = Named(client_id, user_id=user_id, impersonator_id=state.impersonator_id if state else None)
    if state is None:
        raise errors.TokenRevoked().of(named)
    if state.client_status == ERASING:
        raise errors.ClientNotFound()
    if state.client_status != ACTIVE:
        raise errors.ClientSuspended().of(named)
    if state.revoked_at is not None or state.user.status != ACTIVE_USER or state.expires_at <= clock.now():
        raise errors.TokenRevoked().of(named)
    if state.lacks_factor:
        raise errors.MfaRequired("This session was begun without a second factor: log in again.").of(named)
    return state


def session_of(actor: UserActor) -> SessionState:
    """Return the caller's session as it is by now, in the unit in force; raises what require_live() raises."""
    state = queries.session_state(actor.client, actor.session_id, actor.user)
    return require_live(state, actor.client, actor.user)


def _actor(state: SessionState, origin: Origin) -> SignedIn:
    user = state.user
    kind = SignedInOperator if state.is_platform and user.role == roles.SUPER_ADMIN else SignedInUser
    return kind(
        origin=origin,
        client=state.client_id,
        user=user.user_id,
        session_id=state.session_id,
        role=user.role,
        scopes=state.scopes,
        authenticated_at=state.authenticated_at,
        impersonator_id=state.impersonator_id,
        profile=user,
        allowed_origins=state.allowed_origins,
    )
