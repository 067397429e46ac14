"""A client's roles: the built-in ones and its own."""

from typing import Any
from uuid import UUID

from app.core.actors import Actor
from app.core.errors import Conflict, NotFound
from app.roles import administration
from app.roles.models import Role
from app.roles.schemas import Permissions, RolePage, RoleView
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, guard, path_client
from app.web.pages import Page

bp = Blueprint("roles", __name__, url_prefix=CLIENT, description="What users may do: built-in roles and your own.")
_READ, _WRITE = "roles:read", "roles:write"


@bp.route("/roles")
@guard(client_key(_READ), admin(_READ))
@bp.response(200, RolePage)
def list_roles(client_id: UUID | None) -> Page:
    """List the roles and what they hold, all on one page."""
    return Page(administration.every(path_client(client_id)), None)


@bp.route("/roles/<name>")
@guard(client_key(_READ), admin(_READ))
@bp.raises(NotFound)
@bp.response(200, RoleView)
def show_role(client_id: UUID | None, name: str) -> Role:
    """Read a role and what it holds."""
    return administration.show(path_client(client_id), name)


@bp.route("/roles/<name>", methods=["PUT"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(Conflict)
@bp.arguments(Permissions)
@bp.response(200, RoleView)
def put_role(data: dict[str, Any], client_id: UUID | None, name: str, actor: Actor) -> Role:
    """Make a role, or change what it holds; this binds from the next request of each of its holders on.

    You can grant only what you hold yourself, and change only roles that hold no more than you. `user` can be changed,
    `admin` cannot.
    """
    return administration.put(actor, path_client(client_id), name, **data)


@bp.route("/roles/<name>", methods=["DELETE"])
@guard(client_key(_WRITE), admin(_WRITE))
@bp.raises(NotFound, Conflict)
@bp.response(204)
def delete_role(client_id: UUID | None, name: str, actor: Actor) -> None:
    """Delete a role; while users hold it, 409 says how many."""
    administration.delete(actor, path_client(client_id), name)
