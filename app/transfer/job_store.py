"""All SQL over exports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from app.core import db
from app.transfer.models import DONE, PENDING, RUNNING, Job
from app.transfer.tables import exports

_OPEN = exports.c.status.in_((PENDING, RUNNING))


def add(job: Job) -> None:
    """Add a job."""
    db.execute(insert(exports), {name: getattr(job, name) for name in Job.__slots__})


def find(client_id: UUID, job_id: UUID) -> Job | None:
    """Return a job of a client."""
    query = select(exports).where(exports.c.client_id == client_id, exports.c.job_id == job_id)
    return _job(db.execute(query).one_or_none())


def open_job(client_id: UUID) -> Job | None:
    """Return the job of a client that is not done, if there is one."""
    return _job(db.execute(select(exports).where(exports.c.client_id == client_id, _OPEN).limit(1)).one_or_none())


def begun_since(client_id: UUID, moment: datetime) -> tuple[int, datetime | None]:
    """Return how many jobs a client has begun since a moment, and when the first of them was."""
    query = select(func.count(), func.min(exports.c.created_at)).where(exports.c.client_id == client_id)
    row = db.execute(query.where(exports.c.created_at > moment)).one()
    return row[0], row[1]


def oldest_open() -> Job | None:
    """Return the job that waits longest, of all clients, or was cut off; held until the unit of work ends."""
    query = select(exports).where(_OPEN).order_by(exports.c.created_at, exports.c.job_id).limit(1)
    return _job(db.execute(query.with_for_update()).one_or_none())


def change(job: Job, **values: Any) -> bool:
    """Change columns of a job; False if it is gone, or has been taken up once more since."""
    statement = update(exports).where(exports.c.job_id == job.job_id, exports.c.attempts == job.attempts)
    return db.execute(statement.values(**values)).rowcount == 1


def others_done(job: Job) -> list[UUID]:
    """Return the finished jobs of the same client."""
    mine = (exports.c.client_id == job.client_id, exports.c.job_id != job.job_id, exports.c.status == DONE)
    return list(db.execute(select(exports.c.job_id).where(*mine)).scalars())


def forget(*, expired_by: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Delete jobs whose time is over; return the client and id of each."""
    some = select(exports.c.job_id).where(exports.c.expires_at <= expired_by, ~_OPEN).limit(limit)
    gone = delete(exports).where(exports.c.job_id.in_(some)).returning(exports.c.client_id, exports.c.job_id)
    return [(row.client_id, row.job_id) for row in db.execute(gone)]


def _job(row: db.AnyRow | None) -> Job | None:
    return None if row is None else Job(**row._asdict())
