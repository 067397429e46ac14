"""Make the tables of second factors and passkeys."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply the change."""


def downgrade() -> None:
    """Take it back."""
