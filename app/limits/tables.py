"""The central tables login_throttles and tiers."""

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

login_throttles = Table(
    "login_throttles",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("subject", LargeBinary(32), primary_key=True, comment="HMAC of the canonical e-mail."),
    Column("attempts", Integer, nullable=False, comment="Failed or not yet decided."),
    Column("last_ms", BigInteger, nullable=False, index=True, comment="Last attempt, Unix time in milliseconds."),
    Column("blocked_until_ms", BigInteger, nullable=False, comment="No attempt before this, 0 = at once."),
)

tiers = Table(
    "tiers",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("limits", JSON(none_as_null=True), nullable=False, comment="As an operator set them; stands over TIERS."),
    Column("updated_at", UtcDateTime, nullable=False),
)
