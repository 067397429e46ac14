"""The central table roles: what a client's roles hold, where that differs from what is built in."""

from sqlalchemy import JSON, Column, Label, String, Table, Uuid, bindparam, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import UtcDateTime
from app.extensions import metadata

roles = Table(
    "roles",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("permissions", JSON(none_as_null=True), nullable=False, comment="Scopes, sorted."),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)


def stored_permissions(role: ColumnElement[str]) -> Label[list[str]]:
    """Return the column, for a read of users with the parameter `client_id`, of what is stored of each user's role."""
    query = select(roles.c.permissions).where(roles.c.client_id == bindparam("client_id"), roles.c.name == role)
    return query.scalar_subquery().label("stored_permissions")
