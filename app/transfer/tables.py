"""The central table exports: bundles that clients have asked for."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

exports = Table(
    "exports",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("status", String(16), nullable=False),
    Column("encrypted", Boolean(create_constraint=False), nullable=False),
    Column("lock", LargeBinary, comment="Of the passphrase; AES-256-GCM, bound to the job."),
    Column("attempts", Integer, nullable=False, comment="How often it was taken up."),
    Column("size", BigInteger, comment="Bytes of the bundle."),
    Column("digest", LargeBinary(32), comment="SHA-256 of the bundle's file."),
    Column("error", String(200)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False, comment="The file goes then."),
    Index("ix_exports_client_id_created_at", "client_id", "created_at"),
    Index("ix_exports_status_created_at", "status", "created_at"),
)
