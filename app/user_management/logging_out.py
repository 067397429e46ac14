"""Other people's sessions: seeing a user's, ending one or all of them, and logging everyone of a client out."""

from datetime import datetime
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import db, errors
from app.core.actors import Actor
from app.sessions import service as sessions
from app.sessions.models import Session
from app.user_management import rights

ENDED, EVERYONES_ENDED = "session.revoke", "session.revoke_all"


def list_live(client_id: UUID, user_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Session]:
    """Return up to `limit` + 1 of a user's live sessions, newest first; raises NotFound."""
    with db.reading():
        settings = clients.require(client_id).settings
        rights.require(client_id, user_id)
        return sessions.live(client_id, user_id, idle_ttl=settings.session_idle_ttl, after=after, limit=limit)


def end(actor: Actor, client_id: UUID, user_id: UUID, session_id: UUID) -> None:
    """End one of a user's sessions; raises NotFound and BeyondOwnRights."""
    with db.unit_of_work():
        user = rights.require(client_id, user_id)
        rights.check_over(actor, client_id, user, action=ENDED)
        if not sessions.revoke(client_id, session_id, user_id=user_id, reason=ENDED):
            raise errors.NotFound()
        audit.record(actor, ENDED, client_id=client_id, user_id=user_id, detail={"session_id": str(session_id)})


def end_all(actor: Actor, client_id: UUID, user_id: UUID) -> None:
    """End all of a user's sessions, with what is half begun, and those in which it acts for others.

    Raises NotFound and BeyondOwnRights.
    """
    with db.unit_of_work():
        clients.lock(client_id)  # as whoever redeems what this ends: else the two could wait for each other
        user = rights.require(client_id, user_id)
        rights.check_over(actor, client_id, user, action=ENDED)
        ended = sessions.revoke_all(client_id, user_id, reason=ENDED)
        audit.record(actor, ENDED, client_id=client_id, user_id=user_id, detail={"sessions": ended})


def end_everyones(actor: Actor, client_id: UUID) -> int:
    """End all sessions of a client, the caller's own among them; return how many. Raises ClientNotFound."""
    with db.unit_of_work():
        clients.lock(client_id)
        ended = sessions.revoke_everyones(client_id, reason=EVERYONES_ENDED)
        audit.record(actor, EVERYONES_ENDED, client_id=client_id, detail={"sessions": ended})
    return ended
