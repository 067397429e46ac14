"""Logout: one session, or all of a user's, ends at once; access tokens included."""

from uuid import UUID

from app.audit import service as audit
from app.core import db, errors
from app.core.actors import Actor, UserActor
from app.sessions import service as sessions

LOGGED_OUT = "logout"


def log_out(actor: Actor, client_id: UUID, *, refresh_token: str | None, everywhere: bool) -> None:
    """End the caller's session, the session of a refresh token, or all of that user's.

    A refresh token that is unknown, or another user's, ends nothing. Raises ValidationFailed where a key sends none.
    """
    if refresh_token is None and not isinstance(actor, UserActor):
        raise errors.ValidationFailed({"refresh_token": ["A key must name the session by its refresh token."]})
    with db.unit_of_work():
        targets = _targets(actor, client_id, refresh_token)
        users = {user_id for user_id, _ in targets}
        if everywhere:
            ended = sum(sessions.revoke_all(client_id, user_id) for user_id in users)
        else:
            ended = sum(sessions.revoke(client_id, session_id) for _, session_id in targets)
        for user_id in users if ended else ():
            audit.record(actor, LOGGED_OUT, user_id=user_id, detail={"sessions": ended, "everywhere": everywhere})


def _targets(actor: Actor, client_id: UUID, refresh_token: str | None) -> list[tuple[UUID, UUID]]:
    """Return (user, session) of what the caller may end."""
    found = []
    own = isinstance(actor, UserActor)
    if isinstance(actor, UserActor):
        found.append((actor.user, actor.session_id))
    token = sessions.session_of(client_id, refresh_token) if refresh_token else None
    if token is not None and (not own or token.user_id == actor.user_id):
        found.append((token.user_id, token.session_id))
    return list(dict.fromkeys(found))
