"""Make the outbox: mails that wait to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Uuid(), nullable=False, comment="Becomes the Message-ID, the same at each attempt."),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("recipient_mac", sa.LargeBinary(length=32), nullable=False, comment="HMAC of client and address."),
        sa.Column(
            "sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="Recipient and text, AES-256-GCM, bound to client and row; gone once sent.",
        ),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How often it was taken up."),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "claimed_until", sa.DateTime(timezone=True), nullable=True, comment="Whoever took it up has until then."
        ),
        sa.Column("last_error", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_status_next_attempt_at", "outbox", ["status", "next_attempt_at"])
    op.create_index("ix_outbox_recipient_mac_kind_created_at", "outbox", ["recipient_mac", "kind", "created_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("outbox")
