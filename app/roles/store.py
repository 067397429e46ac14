"""All SQL over roles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, delete, func, select, update

from app.core import db
from app.roles.tables import roles

_PERMISSIONS = select(roles.c.permissions).where(
    roles.c.client_id == bindparam("client_id"), roles.c.name == bindparam("name")
)
_OF_CLIENT = select(roles.c.name, roles.c.permissions, roles.c.created_at, roles.c.updated_at).where(
    roles.c.client_id == bindparam("client_id")
)
_ADD = db.adding(roles)


def permissions(client_id: UUID, name: str) -> list[str] | None:
    """Return what is stored of a role; None if nothing is."""
    found: list[str] | None = db.execute(_PERMISSIONS, {"client_id": client_id, "name": name}).scalar_one_or_none()
    return found


def of_client(client_id: UUID) -> list[db.AnyRow]:
    """Return a client's rows; of no client are there more than some hundred."""
    return list(db.execute(_OF_CLIENT, {"client_id": client_id}))


def as_long_as(characters: int) -> list[db.AnyRow]:
    """Return the clients' roles whose permissions, as they are stored, take more room than so much."""
    room = func.length(cast(roles.c.permissions, Text))
    query = select(roles.c.client_id, roles.c.name, roles.c.permissions).where(room > characters)
    return list(db.execute(query.order_by(roles.c.client_id, roles.c.name)))


def add(client_id: UUID, name: str, held: list[str], *, moment: datetime) -> None:
    """Add a row."""
    row = {"client_id": client_id, "name": name, "permissions": held, "created_at": moment, "updated_at": moment}
    db.add_later(_ADD, row)


def change(client_id: UUID, name: str, held: list[str], *, moment: datetime) -> None:
    """Store other permissions of a role."""
    statement = update(roles).where(roles.c.client_id == client_id, roles.c.name == name)
    db.execute(statement.values(permissions=held, updated_at=moment))


def remove(client_id: UUID, name: str) -> None:
    """Delete a row."""
    db.execute(delete(roles).where(roles.c.client_id == client_id, roles.c.name == name))
