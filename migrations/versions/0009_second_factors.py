"""Make the tables of second factors and passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "totp_factors",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=True, comment="In use; AES-256-GCM, bound to client and user."),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False, comment="The newest step used (RFC 6238)."),
        sa.Column("pending_seed", sa.LargeBinary(), nullable=True, comment="Set up, not confirmed; sealed alike."),
        sa.PrimaryKeyConstraint("client_id", "user_id", name=op.f("pk_totp_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of client, user and code."),
        sa.Column("spent_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("client_id", "user_id", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "passkeys",
        sa.Column("passkey_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False, comment="Chosen by the authenticator."),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False, comment="COSE_Key (RFC 9052)."),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("aaguid", sa.String(length=36), nullable=False, comment="The model of the authenticator."),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("passkey_id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("client_id", "credential_id", name=op.f("uq_passkeys_client_id_credential_id")),
    )
    op.create_index("ix_passkeys_client_id_user_id", "passkeys", ["client_id", "user_id"])
    op.create_table(
        "mfa_guesses",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False, comment="Wrong or not yet decided."),
        sa.Column("last_ms", sa.BigInteger(), nullable=False, comment="The last wrong one, Unix time in milliseconds."),
        sa.PrimaryKeyConstraint("client_id", "user_id", name=op.f("pk_mfa_guesses")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("mfa_guesses")
    op.drop_table("passkeys")
    op.drop_table("recovery_codes")
    op.drop_table("totp_factors")
