"""Which clients are due for a snapshot: reads that join clients, the audit log and snapshots."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.audit.tables import audit_logs
from app.clients.models import ACTIVE, PLATFORM_SLUG, PROBE_SLUGS, SUSPENDED
from app.clients.tables import clients
from app.core import db
from app.transfer.snapshot_tables import snapshots


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client, when it was last kept as it was, and when anything last happened to it."""

    client_id: UUID
    created_at: datetime
    taken_at: datetime | None
    active_at: datetime | None


def candidates(after: UUID | None, *, limit: int) -> list[Candidate]:
    """Return the next clients by their ids; never the platform, one that is being erased, or a probe of a report.

    Each change has its row in the audit log, so the newest one says when a client last changed: two look-ups in
    indexes for a client.
    """
    columns = clients.c
    taken = select(func.max(snapshots.c.taken_at)).where(snapshots.c.client_id == columns.client_id)
    active = select(func.max(audit_logs.c.timestamp)).where(audit_logs.c.client_id == columns.client_id)
    query = select(columns.client_id, columns.created_at, taken.scalar_subquery(), active.scalar_subquery())
    query = query.where(columns.slug != PLATFORM_SLUG, columns.status.in_((ACTIVE, SUSPENDED)))
    query = query.where(~columns.slug.startswith(PROBE_SLUGS))
    query = query if after is None else query.where(columns.client_id > after)
    return [Candidate(*row) for row in db.execute(query.order_by(columns.client_id).limit(limit))]
