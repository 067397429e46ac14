"""The central table audit_logs. Rows are only ever added, save for the count of a summed-up refusal."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

audit_logs = Table(
    "audit_logs",
    metadata,
    Column("audit_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("action", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("ip_address", String(45)),
    Column("user_agent", String(256)),
    Column("request_id", String(36)),
    Column("detail", JSON(none_as_null=True), nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("summed_up_as", String(160), unique=True, comment="One row per refused credential and minute."),
    Column("times", Integer, nullable=False, server_default="1", comment="How many refusals the row sums up."),
    Index("ix_audit_logs_client_id_timestamp", "client_id", "timestamp", "audit_id"),
)
