"""Make the table of exports of clients, and let recovery codes come from another client id."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "exports",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("encrypted", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("lock", sa.LargeBinary(), nullable=True, comment="Of the passphrase; AES-256-GCM, bound to the job."),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How often it was taken up."),
        sa.Column("size", sa.BigInteger(), nullable=True, comment="Bytes of the bundle."),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True, comment="SHA-256 of the bundle's file."),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="The file goes then."),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_client_id_created_at", "exports", ["client_id", "created_at"])
    op.create_index("ix_exports_status_created_at", "exports", ["status", "created_at"])
    op.add_column(
        "recovery_codes",
        sa.Column("made_for", sa.Uuid(), nullable=True, comment="The client in the digest; none = this one."),
    )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("recovery_codes") as table:
        table.drop_column("made_for")
    op.drop_table("exports")
