"""Make the tables of rolled-up statistics and of chores."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "chores",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True, comment="The runner that is at it."),
        sa.Column(
            "held_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When that runner counts as dead, unless it says otherwise before.",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    _make_roll_ups_of_clients()
    op.create_table(
        "installation_statistics",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="There is one, 1."),
        sa.Column(
            "looked_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Whose audit log grew before this has been noticed.",
        ),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True, comment="What an operator reads of all clients."),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_installation_statistics")),
    )


def _make_roll_ups_of_clients() -> None:
    op.create_table(
        "client_statistics",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "counted_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="What the audit log says before this is counted.",
        ),
        sa.Column(
            "settled_to", sa.String(length=10), nullable=False, comment="The last day (UTC) whose figures are final."
        ),
        sa.Column("audit_rows", sa.BigInteger(), nullable=False, comment="Before counted_until."),
        sa.Column(
            "measure_at", sa.DateTime(timezone=True), nullable=False, comment="When what is below is measured again."
        ),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False, comment="Not even after a change."),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("sessions", sa.BigInteger(), nullable=False, comment="Those that have not ended."),
        sa.Column("secret_keys", sa.BigInteger(), nullable=False, comment="In use."),
        sa.Column("publishable_keys", sa.BigInteger(), nullable=False, comment="In use."),
        sa.Column("users_by_role", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False, comment="Rows, bytes, whether estimated, by part."),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_statistics")),
    )
    op.create_index("ix_client_statistics_measure_at", "client_statistics", ["measure_at"])
    op.create_table(
        "client_days",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False, comment="UTC, as 2026-01-31."),
        sa.Column("signups", sa.Integer(), server_default="0", nullable=False),
        sa.Column("logins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active_users", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("client_id", "day", name=op.f("pk_client_days")),
    )
    op.create_table(
        "active_users",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False, comment="A day that is not settled yet."),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "day", "user_id", name=op.f("pk_active_users")),
    )
    op.create_table(
        "client_sizes",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_sizes")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in (
        "client_sizes",
        "active_users",
        "client_days",
        "client_statistics",
        "installation_statistics",
        "chores",
    ):
        op.drop_table(table)
