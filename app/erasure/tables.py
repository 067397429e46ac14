"""The central table erasures: it outlives the clients that it tells of."""

from sqlalchemy import JSON, Column, Index, String, Table, Text, Uuid

from app.core.db import UtcDateTime
from app.extensions import metadata

erasures = Table(
    "erasures",
    metadata,
    # Not `client_id`: the rows of a client go with it.
    Column("erased_client_id", Uuid, primary_key=True),
    Column("slug", String(63), nullable=False),
    Column("requested_by", JSON(none_as_null=True), nullable=False, comment="Which operator, or which of its keys."),
    Column("counts", JSON(none_as_null=True), nullable=False, comment="Rows deleted so far, by table."),
    Column(
        "living_keys", JSON(none_as_null=True), nullable=False, comment="When each ends that was not revoked; by id."
    ),
    Column("files", JSON(none_as_null=True), nullable=False, comment="Names of files found so far."),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, comment="When the client's row went."),
    Column("swept_at", UtcDateTime, comment="When stragglers were looked for."),
    Column("receipt", Text, comment="The signed receipt."),
    Index("ix_erasures_swept_at", "swept_at"),
)
