"""The central table keys."""

from sqlalchemy import JSON, CheckConstraint, Column, Index, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

keys = Table(
    "keys",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("user_id", Uuid, comment="Owner; none = the client."),
    Column("kind", String(16), nullable=False),
    Column("name", String(120), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True, comment="SHA-256 of the key."),
    Column("prefix", String(12), nullable=False),
    Column("last4", String(4), nullable=False),
    Column("scopes", JSON(none_as_null=True), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Index("ix_keys_client_id_user_id", "client_id", "user_id"),
    CheckConstraint("kind IN ('access', 'secret', 'publishable')", name="kind"),
)
