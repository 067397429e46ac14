"""The central table rate_limit_usage."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

rate_limit_usage = Table(
    "rate_limit_usage",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("key_id", Uuid, primary_key=True, comment="All zeros = the client itself."),
    Column("period", String(4), primary_key=True),
    Column("started_at", UtcDateTime, primary_key=True, comment="Beginning of the hour or day."),
    Column("requests", BigInteger, nullable=False),
    Column("refusals", BigInteger, nullable=False, comment="Calls refused for a limit."),
    CheckConstraint("period IN ('hour', 'day')", name="period"),
    Index("ix_rate_limit_usage_period_started_at", "period", "started_at"),
)
