"""Make the table of one-time codes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "one_time_codes",
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the code."),
        sa.Column("payload", sa.LargeBinary(), nullable=True, comment="JSON, AES-256-GCM, bound to client and code."),
        sa.Column("tries", sa.Integer(), nullable=False, comment="Guesses made against it."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_one_time_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_codes_digest")),
    )
    op.create_index(
        "ix_one_time_codes_client_id_user_id_purpose", "one_time_codes", ["client_id", "user_id", "purpose"]
    )
    op.create_index(op.f("ix_one_time_codes_expires_at"), "one_time_codes", ["expires_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("one_time_codes")
