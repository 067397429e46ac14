"""Rotating a client's access key: by the client itself, or by an operator for a client that lost it."""

from typing import Any
from uuid import UUID

from app.core.actors import Actor
from app.core.errors import Conflict
from app.keys import service
from app.keys.schemas import AccessKeyRotation, NewAccessKey
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import access_key, admin, fresh, guard, operator, path_client

bp = Blueprint("keys", __name__, url_prefix="/api/v1", description="Access keys and API keys.")
_CLIENT = CLIENT.removeprefix("/api/v1")


@bp.route(f"{_CLIENT}/access-key/rotate", methods=["POST"])
@guard(access_key, fresh(admin()))
@bp.raises(Conflict)
@bp.arguments(AccessKeyRotation)
@bp.response(201, NewAccessKey)
def rotate_access_key(data: dict[str, Any], actor: Actor) -> dict[str, str]:
    """Rotate your access key; it is shown once, here."""
    issued = service.rotate_access_key(actor, path_client(actor.client_id), **data)
    return {"access_key": issued.secret}


@bp.route(f"/clients{_CLIENT}/access-key/rotate", methods=["POST"])
@guard(fresh(operator))
@bp.raises(Conflict)
@bp.arguments(AccessKeyRotation)
@bp.response(201, NewAccessKey)
def replace_access_key(data: dict[str, Any], client_id: UUID | None, actor: Actor) -> dict[str, str]:
    """Give a client that lost its access key a new one."""
    issued = service.rotate_access_key(actor, path_client(client_id), **data)
    return {"access_key": issued.secret}
