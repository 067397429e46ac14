"""Add the usage series: calls and refusals by client and key, hour and day."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "rate_limit_usage",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False, comment="All zeros = the client itself."),
        sa.Column("period", sa.String(length=4), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="Beginning of the hour or day."),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.BigInteger(), nullable=False, comment="Calls refused for a limit."),
        sa.CheckConstraint("period IN ('hour', 'day')", name=op.f("ck_rate_limit_usage_period")),
        sa.PrimaryKeyConstraint("client_id", "key_id", "period", "started_at", name=op.f("pk_rate_limit_usage")),
    )
    with op.batch_alter_table("rate_limit_usage", schema=None) as batch_op:
        batch_op.create_index("ix_rate_limit_usage_period_started_at", ["period", "started_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("rate_limit_usage", schema=None) as batch_op:
        batch_op.drop_index("ix_rate_limit_usage_period_started_at")

    op.drop_table("rate_limit_usage")
