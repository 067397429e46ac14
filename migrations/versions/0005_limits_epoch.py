"""Give clients the number that a reset of their limits moves."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "limits_epoch",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="Another one has fresh windows.",
            )
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_column("limits_epoch")
