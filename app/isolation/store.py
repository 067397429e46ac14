"""All SQL over isolation_reports, and the end of a probe."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.core import db
from app.extensions import metadata
from app.isolation.models import Report
from app.isolation.tables import isolation_reports as reports


def save(made: Report) -> None:
    """Keep a report in place of an older one of the same client."""
    dialect = postgresql if db.is_postgresql() else sqlite
    values = {"measured_at": made.measured_at, "report": made.report, "document": made.document}
    statement = dialect.insert(reports).values(client_id=made.client_id, **values)
    older = reports.c.measured_at < made.measured_at
    db.execute(statement.on_conflict_do_update(index_elements=[reports.c.client_id], set_=values, where=older))


def find(client_id: UUID) -> Report | None:
    """Return the latest report of a client."""
    row = db.execute(select(reports).where(reports.c.client_id == client_id)).one_or_none()
    return None if row is None else Report(row.client_id, row.measured_at, row.report, row.document)


def remove_rows(client_id: UUID) -> None:
    """Delete every central row of a client, its own row last."""
    tables = [table for table in metadata.sorted_tables if "client_id" in table.c]
    for table in sorted(tables, key=lambda table: table.name == "clients"):
        db.execute(delete(table).where(table.c.client_id == client_id))
