"""Let the list of clients be searched and sorted by name without reading all of it."""

from alembic import op

revision = "0018"
down_revision = "0017"

_SEARCHED = ("client_name", "slug")


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_clients_client_name_client_id", "clients", ["client_name", "client_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        # Prefixes, whatever the collation (PostgreSQL manual, Operator Classes). SQLite has a thousand rows at most.
        for column in _SEARCHED:
            op.execute(f"CREATE INDEX ix_clients_{column}_prefix ON clients (lower({column}) text_pattern_ops)")


def downgrade() -> None:
    """Take the change back."""
    if op.get_bind().dialect.name == "postgresql":
        for column in _SEARCHED:
            op.execute(f"DROP INDEX ix_clients_{column}_prefix")
    op.drop_index("ix_clients_client_name_client_id", table_name="clients")
