"""The SQL of deleting sessions that ended long ago, over sessions and tokens of all clients."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select

from app.core import db
from app.sessions.tables import sessions, tokens


def ended(*, before: datetime, idle_since: datetime, limit: int) -> list[UUID]:
    """Return some sessions that ended before a moment, or were last refreshed before another."""
    columns = sessions.c
    long_ago = or_(columns.expires_at < before, columns.revoked_at < before, columns.last_seen_at < idle_since)
    return list(db.execute(select(columns.session_id).where(long_ago).limit(limit)).scalars())


def delete_tokens(session_ids: Sequence[UUID], *, limit: int) -> int:
    """Delete some tokens of sessions; return how many."""
    some = select(tokens.c.token_id).where(tokens.c.session_id.in_(session_ids)).limit(limit)
    return db.execute(delete(tokens).where(tokens.c.token_id.in_(some))).rowcount


def delete_sessions(session_ids: Sequence[UUID]) -> int:
    """Delete sessions; return how many there were."""
    return db.execute(delete(sessions).where(sessions.c.session_id.in_(session_ids))).rowcount
