"""Let a session say who acts for its user."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("impersonator_id", sa.Uuid(), nullable=True, comment="The admin who acts for the user.")
        )
    # Nearly no session has one: only those that do are listed.
    op.create_index(
        "ix_sessions_client_id_impersonator_id",
        "sessions",
        ["client_id", "impersonator_id"],
        postgresql_where=sa.text("impersonator_id IS NOT NULL"),
        sqlite_where=sa.text("impersonator_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_sessions_client_id_impersonator_id", table_name="sessions")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("impersonator_id")
