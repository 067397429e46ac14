"""Give keys their quota, windows, addresses and origins, and an index for their list."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
_ADDED = (
    "family_id",
    "counts_as",
    "allowed_origins",
    "allowed_ips",
    "rate_limit",
    "last_used_at",
    "usage_count",
    "usage_limit",
)


def upgrade() -> None:
    """Apply the change."""
    listed = sa.JSON(none_as_null=True)
    with op.batch_alter_table("keys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("usage_limit", sa.BigInteger(), nullable=True, comment="Uses in all; none = no quota.")
        )
        batch_op.add_column(
            sa.Column(
                "usage_count",
                sa.BigInteger(),
                server_default="0",
                nullable=False,
                comment="Uses; exact where there is a quota.",
            )
        )
        batch_op.add_column(sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("rate_limit", listed, server_default="{}", nullable=False, comment="Its own windows.")
        )
        batch_op.add_column(
            sa.Column("allowed_ips", listed, server_default="[]", nullable=False, comment="Networks; [] = any.")
        )
        batch_op.add_column(
            sa.Column("allowed_origins", listed, server_default="[]", nullable=False, comment="Of browsers.")
        )
        batch_op.add_column(
            sa.Column("counts_as", sa.Uuid(), nullable=True, comment="The key that took the quota over.")
        )
        batch_op.add_column(
            sa.Column("family_id", sa.Uuid(), nullable=True, comment="The first key, of those that came by rotation.")
        )
        batch_op.create_index("ix_keys_client_id_key_id", ["client_id", "key_id"], unique=False)
        batch_op.create_index(
            "ix_keys_publishable",
            ["client_id"],
            unique=False,
            postgresql_where=sa.text("kind = 'publishable'"),
            sqlite_where=sa.text("kind = 'publishable'"),
        )

    if op.get_bind().dialect.name == "postgresql":
        # Room on each page, so that counting a use touches no index (a heap-only update).
        op.execute("ALTER TABLE keys SET (fillfactor = 50)")


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE keys RESET (fillfactor)")
    with op.batch_alter_table("keys", schema=None) as batch_op:
        batch_op.drop_index("ix_keys_publishable")
        batch_op.drop_index("ix_keys_client_id_key_id")
        for name in _ADDED:
            batch_op.drop_column(name)
