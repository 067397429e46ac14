"""All SQL over audit_logs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.audit.models import AuditEntry, AuditFilter
from app.audit.tables import audit_logs
from app.core import db
from app.core.presence import client_is_there

_ADD = db.adding(audit_logs)
_SHOWN = [column for column in audit_logs.c if column.name != "summed_up_as"]


def add(row: dict[str, Any]) -> None:
    """Add one row before the unit of work commits."""
    db.add_later(_ADD, row)


def add_or_count(row: dict[str, Any]) -> None:
    """Add a summed-up refusal, or count it on the row of the same credential and minute.

    Of a client that is being or has been erased nothing is noted: its tokens can still be told from forged ones.
    """
    dialect = postgresql if db.is_postgresql() else sqlite
    values = {name: literal(value, audit_logs.c[name].type) for name, value in row.items()}
    noted = select(*values.values()).where(client_is_there(values["client_id"]))
    statement = dialect.insert(audit_logs).from_select(list(values), noted)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[audit_logs.c.summed_up_as], set_={"times": audit_logs.c.times + 1}
        )
    )


def page(
    client_id: UUID, wanted: AuditFilter, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AuditEntry]:
    """Return the newest entries of a client that match, older than a position."""
    conditions = [audit_logs.c.client_id == client_id, *_conditions(wanted)]
    if before is not None:
        moment, audit_id = before
        older = audit_logs.c.timestamp < moment
        same = (audit_logs.c.timestamp == moment) & (audit_logs.c.audit_id < audit_id)
        conditions += [audit_logs.c.timestamp <= moment, or_(older, same)]
    query = select(*_SHOWN).where(*conditions)
    ordered = query.order_by(audit_logs.c.timestamp.desc(), audit_logs.c.audit_id.desc()).limit(limit)
    return [_entry(row._asdict()) for row in db.execute(ordered)]


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    columns = audit_logs.c
    conditions = [
        columns[name] == value
        for name in ("action", "status", "user_id", "key_id")
        if (value := getattr(wanted, name)) is not None
    ]
    conditions += [columns.timestamp >= wanted.since] if wanted.since else []
    conditions += [columns.timestamp < wanted.until] if wanted.until else []
    return conditions


def _entry(row: dict[str, Any]) -> AuditEntry:
    times = row.pop("times")
    if times > 1:
        row["detail"] = {**row["detail"], "times": times}
    return AuditEntry(**row)
