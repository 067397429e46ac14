"""The central tables totp_factors, recovery_codes, passkeys and mfa_guesses."""

from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    Index,
    Integer,
    Label,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    bindparam,
    or_,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import UtcDateTime
from app.extensions import metadata

totp_factors = Table(
    "totp_factors",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("user_id", Uuid, primary_key=True),
    Column("seed", LargeBinary, comment="In use; AES-256-GCM, bound to client and user."),
    Column("confirmed_at", UtcDateTime),
    Column("last_step", BigInteger, nullable=False, comment="The newest step used (RFC 6238)."),
    Column("pending_seed", LargeBinary, comment="Set up, not confirmed; sealed alike."),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("user_id", Uuid, primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True, comment="SHA-256 of client, user and code."),
    Column("spent_at", UtcDateTime),
    Column("made_for", Uuid, comment="The client in the digest; none = this one."),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("passkey_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("credential_id", LargeBinary(1023), nullable=False, comment="Chosen by the authenticator."),
    Column("name", String(100), nullable=False),
    Column("public_key", LargeBinary, nullable=False, comment="COSE_Key (RFC 9052)."),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", JSON, nullable=False),
    Column("aaguid", String(36), nullable=False, comment="The model of the authenticator."),
    Column("backed_up", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    UniqueConstraint("client_id", "credential_id"),
    Index("ix_passkeys_client_id_user_id", "client_id", "user_id"),
)

mfa_guesses = Table(
    "mfa_guesses",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("user_id", Uuid, primary_key=True),
    Column("count", Integer, nullable=False, comment="Wrong or not yet decided."),
    Column("last_ms", BigInteger, nullable=False, comment="The last wrong one, Unix time in milliseconds."),
)


def has_second_factor(user_id: ColumnElement[UUID]) -> Label[bool]:
    """Return the column, for a read of users with the parameter `client_id`, of whether each has a factor in use."""
    client_id: BindParameter[UUID] = bindparam("client_id")
    app = select(totp_factors.c.user_id).where(
        totp_factors.c.client_id == client_id, totp_factors.c.user_id == user_id, totp_factors.c.seed.is_not(None)
    )
    passkey = select(passkeys.c.user_id).where(passkeys.c.client_id == client_id, passkeys.c.user_id == user_id)
    return or_(app.exists(), passkey.exists()).label("has_second_factor")
