"""Make the table of the clients' own roles."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "roles",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False, comment="Scopes, sorted."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "name", name=op.f("pk_roles")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("roles")
