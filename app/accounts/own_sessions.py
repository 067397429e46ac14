"""A user's own sessions: seeing them and ending one."""

from datetime import datetime
from uuid import UUID

from app.accounts.models import SignedIn
from app.audit import service as audit
from app.clients import service as clients
from app.core import db, errors
from app.sessions import service as sessions
from app.sessions.models import Session

ENDED = "session.revoke"


def list_live(actor: SignedIn, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Session]:
    """Return up to `limit` + 1 of the caller's live sessions, newest first."""
    with db.reading():
        settings = clients.require(actor.client).settings
        return sessions.live(actor.client, actor.user, idle_ttl=settings.session_idle_ttl, after=after, limit=limit)


def end(actor: SignedIn, session_id: UUID) -> None:
    """End one of the caller's sessions; raises NotFound."""
    with db.unit_of_work():
        if not sessions.revoke(actor.client, session_id, user_id=actor.user, reason=ENDED):
            raise errors.NotFound()
        audit.record(actor, ENDED, detail={"session_id": str(session_id)})
