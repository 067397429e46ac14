"""Logout: one session, or all of a user's, ends at once; access tokens included."""

from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import db, errors
from app.core.actors import Actor, UserActor
from app.sessions import service as sessions
from app.sessions.models import RefreshToken

LOGGED_OUT = "logout"


def log_out(actor: Actor, client_id: UUID, *, refresh_token: str | None, everywhere: bool) -> None:
    """End the caller's session, the session of a refresh token, or all of that user's with what is half begun.

    A refresh token that is unknown, or another user's, ends nothing; one that no longer works ends its own session at
    most, so that an old one that leaked cannot log its user out everywhere. Who acts for the user ends its own session
    alone: it raises InsufficientScope where more is asked. Raises ValidationFailed where a key sends no token.
    """
    _check_own_only(actor, refresh_token, everywhere=everywhere)
    if refresh_token is None and not isinstance(actor, UserActor):
        raise errors.ValidationFailed({"refresh_token": ["A key must name the session by its refresh token."]})
    with db.unit_of_work():
        if everywhere:
            clients.lock(client_id)  # as whoever redeems what this ends: else the two could wait for each other
        token = sessions.find(client_id, refresh_token) if refresh_token else None
        targets = _targets(actor, token)
        if everywhere and (isinstance(actor, UserActor) or sessions.is_unspent(token)):
            live = {user_id for user_id, session_id in targets if not sessions.was_revoked(client_id, session_id)}
            ended = sum(sessions.revoke_all(client_id, user_id, reason=LOGGED_OUT) for user_id in live)
        else:
            ended = sum(sessions.revoke(client_id, session_id, reason=LOGGED_OUT) for _, session_id in targets)
        for user_id in {user_id for user_id, _ in targets} if ended else ():
            audit.record(actor, LOGGED_OUT, user_id=user_id, detail={"sessions": ended, "everywhere": everywhere})


def end(actor: Actor, client_id: UUID, *, user_id: UUID, session_id: UUID) -> None:
    """End one session of a user, if it is not ended yet."""
    with db.unit_of_work():
        if sessions.revoke(client_id, session_id, user_id=user_id, reason=LOGGED_OUT):
            audit.record(actor, LOGGED_OUT, user_id=user_id, detail={"sessions": 1, "everywhere": False})


def _check_own_only(actor: Actor, refresh_token: str | None, *, everywhere: bool) -> None:
    acts = isinstance(actor, UserActor) and actor.impersonator_id is not None
    if acts and (refresh_token is not None or everywhere):
        raise errors.InsufficientScope("Who acts for a user ends its own session only.")


def _targets(actor: Actor, token: RefreshToken | None) -> list[tuple[UUID, UUID]]:
    """Return (user, session) of what the caller may end."""
    found = []
    own = isinstance(actor, UserActor)
    if isinstance(actor, UserActor):
        found.append((actor.user, actor.session_id))
    if token is not None and (not own or token.user_id == actor.user_id):
        found.append((token.user_id, token.session_id))
    return list(dict.fromkeys(found))
