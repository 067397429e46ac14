"""The central tables sessions, tokens and signing_keys."""

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False, comment="Moves at a refresh."),
    Column("authenticated_at", UtcDateTime, nullable=False, comment="Last proof of identity."),
    Column("expires_at", UtcDateTime, nullable=False, comment="Absolute end."),
    Column("ip_address", String(45)),
    Column("user_agent", String(256)),
    Column("amr", JSON(none_as_null=True), nullable=False, comment="How the user proved who they are (RFC 8176)."),
    Column("revoked_at", UtcDateTime),
    Column("impersonator_id", Uuid, comment="The admin who acts for the user."),
    Index("ix_sessions_client_id_user_id", "client_id", "user_id"),
)
# Nearly no session has one: only those that do are listed.
Index(
    "ix_sessions_client_id_impersonator_id",
    sessions.c.client_id,
    sessions.c.impersonator_id,
    postgresql_where=sessions.c.impersonator_id.is_not(None),
    sqlite_where=sessions.c.impersonator_id.is_not(None),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("session_id", Uuid, index=True),
    Column("purpose", String(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True, comment="SHA-256 of the token."),
    Column("seq", Integer, nullable=False, comment="Place in the family of a session."),
    Column("parent_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("spent_at", UtcDateTime),
    Index("ix_tokens_client_id_user_id", "client_id", "user_id"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False, index=True),
    Column("algorithm", String(16), nullable=False),
    Column("private_key", LargeBinary, nullable=False, comment="PKCS #8, AES-256-GCM, bound to client and kid."),
    Column("public_key", LargeBinary, nullable=False, comment="SubjectPublicKeyInfo, DER."),
    Column("created_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
)
