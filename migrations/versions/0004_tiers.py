"""Make the table of the tiers that operators set."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "tiers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column(
            "limits",
            sa.JSON(none_as_null=True),
            nullable=False,
            comment="As an operator set them; stands over TIERS.",
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tiers")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("tiers")
