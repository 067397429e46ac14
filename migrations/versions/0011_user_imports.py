"""Make the table of imports of users."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply the change."""


def downgrade() -> None:
    """Take it back."""
