"""The central table one_time_codes."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("code_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("user_id", Uuid),
    Column("purpose", String(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True, comment="SHA-256 of the code."),
    Column("payload", LargeBinary, comment="JSON, AES-256-GCM, bound to client and code."),
    Column("tries", Integer, nullable=False, comment="Guesses made against it."),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("spent_at", UtcDateTime),
    Index("ix_one_time_codes_client_id_user_id_purpose", "client_id", "user_id", "purpose"),
)
