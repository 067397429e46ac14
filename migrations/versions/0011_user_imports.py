"""Make the table of imports of users."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "user_imports",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the file."),
        sa.Column("form", sa.String(length=8), nullable=False, comment="How the file is read: ndjson or csv."),
        sa.Column("rows_done", sa.Integer(), nullable=False, comment="Where the next batch begins."),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True, comment="The run that works on it."),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True, comment="When that run counts as dead."),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_user_imports")),
    )
    op.create_index("ix_user_imports_client_id_digest", "user_imports", ["client_id", "digest"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("user_imports")
