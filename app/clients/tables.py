"""The central tables clients and client_sizes."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

clients = Table(
    "clients",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("client_name", String(120), nullable=False),
    Column("slug", String(63), nullable=False, unique=True),
    Column("domain", String(253)),
    Column("industry", String(80), index=True),
    Column("contact_email", String(254)),
    Column("status", String(16), nullable=False),
    Column("tier", String(32), nullable=False),
    Column("settings", JSON(none_as_null=True), nullable=False, comment="What differs from the platform's defaults."),
    Column("limits", JSON(none_as_null=True), nullable=False, comment="What differs from the tier's limits."),
    Column("users_schema_version", Integer, nullable=False, comment="Shape of this client's users table."),
    Column("version", Integer, nullable=False, comment="Moves with each change of the client or its keys."),
    Column("limits_epoch", Integer, nullable=False, server_default="0", comment="Another one has fresh windows."),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("status IN ('active', 'suspended', 'erasing')", name="status"),
)
# In the order of the list by name; what it is searched by is an index of PostgreSQL alone (migration 0018).
Index("ix_clients_client_name_client_id", clients.c.client_name, clients.c.client_id)

client_sizes = Table(
    "client_sizes",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)
