"""The central table user_imports."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

user_imports = Table(
    "user_imports",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("digest", LargeBinary(32), nullable=False, comment="SHA-256 of the file."),
    Column("form", String(8), nullable=False, comment="How the file is read: ndjson or csv."),
    Column("rows_done", Integer, nullable=False, comment="Where the next batch begins."),
    Column("added", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("holder", Uuid, comment="The run that works on it."),
    Column("held_until", UtcDateTime, comment="When that run counts as dead."),
    Column("started_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index("ix_user_imports_client_id_digest", "client_id", "digest"),
)
