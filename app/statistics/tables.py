"""The central tables of rolled-up figures. All of it is derived: what is deleted here is counted anew."""

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

client_statistics = Table(
    "client_statistics",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("counted_until", UtcDateTime, nullable=False, comment="What the audit log says before this is counted."),
    Column("settled_to", String(10), nullable=False, comment="The last day (UTC) whose figures are final."),
    Column("audit_rows", BigInteger, nullable=False, comment="Before counted_until."),
    Column("measure_at", UtcDateTime, nullable=False, index=True, comment="When what is below is measured again."),
    Column("not_before", UtcDateTime, nullable=False, comment="Not even after a change."),
    Column("measured_at", UtcDateTime),
    Column("users", BigInteger, nullable=False),
    Column("sessions", BigInteger, nullable=False, comment="Those that have not ended."),
    Column("secret_keys", BigInteger, nullable=False, comment="In use."),
    Column("publishable_keys", BigInteger, nullable=False, comment="In use."),
    Column("users_by_role", JSON(none_as_null=True), nullable=False),
    Column("parts", JSON(none_as_null=True), nullable=False, comment="Rows, bytes, whether estimated, by part."),
)

client_days = Table(
    "client_days",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("day", String(10), primary_key=True, comment="UTC, as 2026-01-31."),
    Column("signups", Integer, nullable=False, server_default="0"),
    Column("logins", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("active_users", Integer, nullable=False, server_default="0"),
)

active_users = Table(
    "active_users",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("day", String(10), primary_key=True, comment="A day that is not settled yet."),
    Column("user_id", Uuid, primary_key=True),
)

installation_statistics = Table(
    "installation_statistics",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False, comment="There is one, 1."),
    Column("looked_until", UtcDateTime, nullable=False, comment="Whose audit log grew before this has been noticed."),
    Column("measured_at", UtcDateTime),
    Column("figures", JSON(none_as_null=True), comment="What an operator reads of all clients."),
)
