"""The central tables snapshots and restoring_*: rows of a snapshot wait there until they are put in place at once.

A table of the latter has the columns of the one that it waits for, and which restoring it belongs to.
"""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata
from app.mfa.tables import passkeys, recovery_codes, totp_factors
from app.users.store import UserDirectory

snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("taken_at", UtcDateTime, nullable=False, comment="The client is in it as it was then."),
    Column("file", String(120), nullable=False, comment="Below SNAPSHOT_DIR."),
    Column("size", BigInteger, nullable=False, comment="Bytes of the file."),
    Column("sha256", LargeBinary(32), nullable=False, comment="Of the file."),
    Column("sealed_key", LargeBinary, nullable=False, comment="Of the file; AES-256-GCM, bound to the row."),
    Column("counts", JSON(none_as_null=True), nullable=False, comment="Rows by table."),
    CheckConstraint("kind IN ('scheduled', 'manual', 'before-restore')", name="kind"),
    Index("ix_snapshots_client_id_taken_at", "client_id", "taken_at"),
)


def _waiting(table: Table, name: str, *, with_client: bool = False) -> Table:
    own = [Column("client_id", Uuid, nullable=False)] if with_client else []
    columns = [Column(each.name, each.type, primary_key=each.primary_key, nullable=each.nullable) for each in table.c]
    return Table(f"restoring_{name}", metadata, Column("restore_id", Uuid, primary_key=True), *own, *columns)


restoring_users = _waiting(UserDirectory.table, "users", with_client=True)
restoring_totp_factors = _waiting(totp_factors, "totp_factors")
restoring_recovery_codes = _waiting(recovery_codes, "recovery_codes")
restoring_passkeys = _waiting(passkeys, "passkeys")
WAITING = {
    "users": restoring_users,
    "totp_factors": restoring_totp_factors,
    "recovery_codes": restoring_recovery_codes,
    "passkeys": restoring_passkeys,
}
"""By the table that they wait for."""
