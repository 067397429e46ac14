"""Let clients be erased, and keep what is known of each erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
_NAME = "ck_clients_status"


def upgrade() -> None:
    """Apply the change."""
    _take_statuses("status IN ('active', 'suspended', 'erasing')")
    op.create_table(
        "erasures",
        sa.Column("erased_client_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("requested_by", sa.JSON(), nullable=False, comment="Which operator, or which of its keys."),
        sa.Column("counts", sa.JSON(), nullable=False, comment="Rows deleted so far, by table."),
        sa.Column("living_keys", sa.JSON(), nullable=False, comment="When each ends that was not revoked; by id."),
        sa.Column("files", sa.JSON(), nullable=False, comment="Names of files found so far."),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="When the client's row went."),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True, comment="When stragglers were looked for."),
        sa.Column("receipt", sa.Text(), nullable=True, comment="The signed receipt."),
        sa.PrimaryKeyConstraint("erased_client_id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_swept_at", "erasures", ["swept_at"])


def downgrade() -> None:
    """Take it back; a client that is being erased is then a suspended one, with what is left of it."""
    op.drop_table("erasures")
    on_postgresql = op.get_context().dialect.name == "postgresql"
    if on_postgresql:  # the table's owner sees no rows by itself
        op.execute("SET LOCAL ROLE rowlock_across")
    op.execute("UPDATE clients SET status = 'suspended' WHERE status = 'erasing'")
    if on_postgresql:
        op.execute("RESET ROLE")
    _take_statuses("status IN ('active', 'suspended')")


def _take_statuses(condition: str) -> None:
    with op.batch_alter_table("clients") as clients:
        if op.get_context().dialect.name == "postgresql":
            clients.drop_constraint(op.f(_NAME), type_="check")  # SQLite's copy of the table leaves it behind
        clients.create_check_constraint(op.f(_NAME), condition)
