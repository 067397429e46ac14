"""The central table isolation_reports: the latest report of each client that asked, and the platform's of the whole."""

from sqlalchemy import JSON, Column, Table, Text, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

isolation_reports = Table(
    "isolation_reports",
    metadata,
    Column("client_id", Uuid, primary_key=True, comment="The platform's is that of the whole installation."),
    Column("measured_at", UtcDateTime, nullable=False),
    Column("report", JSON(none_as_null=True), nullable=False),
    Column("document", Text, nullable=False, comment="The report as the platform signed it (JWS)."),
)
