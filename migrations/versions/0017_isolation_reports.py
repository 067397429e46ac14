"""Make the table of isolation reports."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "isolation_reports",
        sa.Column("client_id", sa.Uuid(), nullable=False, comment="The platform's is that of the whole installation."),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="The report as the platform signed it (JWS)."),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_isolation_reports")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("isolation_reports")
