"""The central table idempotency_keys."""

from sqlalchemy import JSON, Column, LargeBinary, String, Table

from app.core.db import UtcDateTime
from app.extensions import metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", String(200), primary_key=True, comment="Client, principal and route."),
    Column("key_digest", LargeBinary(32), primary_key=True, comment="SHA-256 of scope and header."),
    Column("fingerprint", LargeBinary(32), nullable=False, comment="HMAC of the canonical body."),
    Column("outcome", JSON(none_as_null=True), comment="The ids that the call made."),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)
