"""The central table outbox."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Uuid, primary_key=True, comment="Becomes the Message-ID, the same at each attempt."),
    Column("client_id", Uuid, nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("recipient_mac", LargeBinary(32), nullable=False, comment="HMAC of client and address."),
    Column("sealed", LargeBinary, comment="Recipient and text, AES-256-GCM, bound to client and row; gone once sent."),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, comment="How often it was taken up."),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime, comment="Whoever took it up has until then."),
    Column("last_error", String(120)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Index("ix_outbox_status_next_attempt_at", "status", "next_attempt_at"),
    Index("ix_outbox_recipient_mac_kind_created_at", "recipient_mac", "kind", "created_at"),
)
