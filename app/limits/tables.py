"""The central table login_throttles."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Uuid

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
