"""A client's roles: the built-in ones and its own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask, current_app

from app.core.actors import Actor
from app.core.errors import Conflict, NotFound
from app.roles import administration
from app.roles.models import Role
from app.roles.schemas import Permissions, RolePage, RoleView
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import admin, client_key, guard, path_client
from app.web.pages import Page, PageQuery, cut_whole

bp = Blueprint("roles", __name__, url_prefix=CLIENT, description="What users may do: built-in roles and your own.")
_READ, _WRITE = "roles:read", "roles:write"
_EXTENSION = "count_role_holders"


def init_app(app: Flask, *, count_holders: Callable[[UUID, str], int]) -> None:
    """Keep how the users of a client who hold a role are counted: users are kept above this package."""
    app.extensions[_EXTENSION] = count_holders


@bp.route("/roles")
@guard(client_key(_READ), admin(_READ))
@bp.arguments(PageQuery, location="query")
@bp.response(200, RolePage)
def list_roles(query: dict[str, Any], client_id: UUID | None) -> Page:
    """List the roles and what they hold: the built-in ones first, then your own by name."""
    owner = path_client(client_id)
    return cut_whole(administration.every(owner), query, f"roles:{owner}", _position)


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
    count_holders: Callable[[UUID, str], int] = current_app.extensions[_EXTENSION]
    administration.delete(actor, path_client(client_id), name, count_holders=count_holders)


def _position(role: Role) -> list[Any]:
    """Return what places a role in the list; the database would sort dashes by the rules of some language."""
    built_in = administration.BUILT_IN
    return [built_in.index(role.name) if role.name in built_in else len(built_in), role.name]
