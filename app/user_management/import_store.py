"""All SQL over user_imports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from app.core import db
from app.user_management.import_models import Counts, Run
from app.user_management.import_tables import user_imports as imports


def held_until(client_id: UUID, *, now: datetime) -> datetime | None:
    """Return until when a run of a client counts as alive; None if there is none."""
    query = select(imports.c.held_until).where(imports.c.client_id == client_id, imports.c.held_until > now)
    moment: datetime | None = db.execute(query.order_by(imports.c.held_until.desc()).limit(1)).scalar_one_or_none()
    return moment


def newest(client_id: UUID, digest: bytes, form: str) -> db.AnyRow | None:
    """Return the newest import of a file."""
    query = select(imports).where(imports.c.client_id == client_id, imports.c.digest == digest, imports.c.form == form)
    return db.execute(query.order_by(imports.c.started_at.desc(), imports.c.import_id.desc()).limit(1)).one_or_none()


def add(values: dict[str, Any]) -> None:
    """Add an import."""
    db.execute(insert(imports).values(**values))


def take_over(import_id: UUID, *, holder: UUID, until: datetime) -> None:
    """Give an import that was cut off to another run."""
    db.execute(update(imports).where(imports.c.import_id == import_id).values(holder=holder, held_until=until))


def move_on(run: Run, counts: Counts, *, now: datetime, until: datetime | None) -> bool:
    """Note what a run has done, and its end where `until` is None; False if the import is no longer its."""
    values = {"rows_done": counts.total, "added": counts.added, "skipped": counts.skipped, "failed": counts.failed}
    ending = {"finished_at": now} if until is None else {}
    statement = update(imports).where(imports.c.import_id == run.import_id, imports.c.holder == run.holder)
    return db.execute(statement.values(**values, **ending, held_until=until, updated_at=now)).rowcount == 1


def let_go(run: Run) -> None:
    """Let another run go on at once."""
    statement = update(imports).where(imports.c.import_id == run.import_id, imports.c.holder == run.holder)
    db.execute(statement.values(held_until=None))


def forget(client_id: UUID, *, before: datetime) -> None:
    """Delete a client's imports that nothing has become of for long."""
    db.execute(delete(imports).where(imports.c.client_id == client_id, imports.c.updated_at < before))
