"""Make the table of the clients' own roles."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply the change."""


def downgrade() -> None:
    """Take it back."""
