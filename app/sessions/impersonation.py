"""Sessions in which an admin acts for a user: short, marked, and never refreshed."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from app.core import clock, db, metrics
from app.core.actors import Origin
from app.core.ids import new_id
from app.sessions import access_tokens, store
from app.sessions.models import Impersonation, Subject

TTL = timedelta(minutes=15)


def start(
    subject: Subject, *, impersonator_id: UUID, authenticated_at: datetime, amr: list[str], origin: Origin
) -> Impersonation:
    """Begin a session in which an admin acts for a user, in the unit of work in force.

    Its token says so (`act`, RFC 8693, 4.1). The user has proved nothing: `authenticated_at` and `amr` say when and how
    the admin last proved who they are.
    """
    now, session_id, seconds = clock.now(), new_id(), int(TTL.total_seconds())
    store.add_session(
        subject,
        session_id,
        origin,
        now=now,
        authenticated_at=authenticated_at,
        expires_at=now + TTL,
        amr=amr,
        impersonator_id=impersonator_id,
    )
    access = access_tokens.issue(
        replace(subject, access_token_ttl=seconds),
        session_id=session_id,
        authenticated_at=authenticated_at,
        amr=amr,
        impersonator_id=impersonator_id,
    )
    db.after_commit(partial(metrics.token_generated, "access"))
    return Impersonation(session_id, access, seconds)
