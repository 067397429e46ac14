"""Let the mails of one client be found: whoever counts or erases a client's rows would otherwise read them all."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_outbox_client_id", "outbox", ["client_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_outbox_client_id", table_name="outbox")
