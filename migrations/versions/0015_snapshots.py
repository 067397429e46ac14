"""Make the table of snapshots of clients, and those where rows wait for their restoring."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "snapshots",
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False, comment="The client is in it as it was then."),
        sa.Column("file", sa.String(length=120), nullable=False, comment="Below SNAPSHOT_DIR."),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="Bytes of the file."),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False, comment="Of the file."),
        sa.Column(
            "sealed_key", sa.LargeBinary(), nullable=False, comment="Of the file; AES-256-GCM, bound to the row."
        ),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False, comment="Rows by table."),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_snapshots")),
        sa.CheckConstraint("kind IN ('scheduled', 'manual', 'before-restore')", name=op.f("ck_snapshots_kind")),
    )
    op.create_index("ix_snapshots_client_id_taken_at", "snapshots", ["client_id", "taken_at"])
    _create_restoring_users()
    _create_restoring_factors()


def _create_restoring_users() -> None:
    op.create_table(
        "restoring_users",
        sa.Column("restore_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=True),
        sa.Column("username", sa.String(length=32), nullable=True),
        sa.Column("avatar_url", sa.String(length=2048), nullable=True),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("custom_fields", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("password_version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("last_login_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("restore_id", "user_id", name=op.f("pk_restoring_users")),
    )


def _create_restoring_factors() -> None:
    op.create_table(
        "restoring_totp_factors",
        sa.Column("restore_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("pending_seed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("restore_id", "client_id", "user_id", name=op.f("pk_restoring_totp_factors")),
    )
    op.create_table(
        "restoring_recovery_codes",
        sa.Column("restore_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spent_at", _MOMENT, nullable=True),
        sa.Column("made_for", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint(
            "restore_id", "client_id", "user_id", "digest", name=op.f("pk_restoring_recovery_codes")
        ),
    )
    op.create_table(
        "restoring_passkeys",
        sa.Column("restore_id", sa.Uuid(), nullable=False),
        sa.Column("passkey_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("aaguid", sa.String(length=36), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("restore_id", "passkey_id", name=op.f("pk_restoring_passkeys")),
    )


def downgrade() -> None:
    """Take it back; the files of the snapshots stay behind, sealed under keys that are gone."""
    for name in ("restoring_passkeys", "restoring_recovery_codes", "restoring_totp_factors", "restoring_users"):
        op.drop_table(name)
    op.drop_table("snapshots")
