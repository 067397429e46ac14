"""The central table keys."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, LargeBinary, String, Table, Uuid, text

from app.core.db import UtcDateTime
from app.extensions import metadata

_PUBLISHABLE = text("kind = 'publishable'")

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
    Column("usage_limit", BigInteger, comment="Uses in all; none = no quota."),
    Column(
        "usage_count", BigInteger, nullable=False, server_default="0", comment="Uses; exact where there is a quota."
    ),
    Column("last_used_at", UtcDateTime),
    Column("rate_limit", JSON(none_as_null=True), nullable=False, server_default="{}", comment="Its own windows."),
    Column("allowed_ips", JSON(none_as_null=True), nullable=False, server_default="[]", comment="Networks; [] = any."),
    Column("allowed_origins", JSON(none_as_null=True), nullable=False, server_default="[]", comment="Of browsers."),
    Column("counts_as", Uuid, comment="The key that took the quota over."),
    Column("family_id", Uuid, comment="The first key, of those that came by rotation."),
    Index("ix_keys_client_id_user_id", "client_id", "user_id"),
    Index("ix_keys_client_id_key_id", "client_id", "key_id"),
    Index("ix_keys_publishable", "client_id", postgresql_where=_PUBLISHABLE, sqlite_where=_PUBLISHABLE),
    CheckConstraint("kind IN ('access', 'secret', 'publishable')", name="kind"),
)
