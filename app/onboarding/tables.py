"""The central table installation: what this installation knows of itself."""

from sqlalchemy import Column, LargeBinary, String, Table

from app.extensions import metadata

installation = Table(
    "installation",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
