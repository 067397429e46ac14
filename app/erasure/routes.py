"""`DELETE /clients/{client_id}`: a client goes, with everything of it."""

from typing import Any
from uuid import UUID

from flask import Response, make_response

from app.clients.models import ERASING
from app.core.actors import Actor
from app.core.errors import Conflict
from app.erasure import service
from app.erasure.models import Erasure
from app.erasure.schemas import Confirmation, Erased, Erasing
from app.web.blueprint import Blueprint
from app.web.guards import access_key, fresh, guard, operator, path_client

bp = Blueprint("erasures", __name__, url_prefix="/api/v1/clients", description="Erasing a client.")


@bp.route("/<other_than_register:client_id>", methods=["DELETE"])
@guard(fresh(operator), access_key)
@bp.raises(Conflict)
@bp.arguments(Confirmation, location="query")
@bp.response(200, Erased)
@bp.alt_response(202, schema=Erasing)
def erase_client(query: dict[str, Any], client_id: UUID | None, actor: Actor) -> dict[str, Any] | Response:
    """Erase a client for good: its users, credentials, settings and log; the answer is a signed receipt.

    From this call on all its credentials are unknown. What takes longer than five seconds goes on in the background
    (202); the same call by an operator then tells how far it is, and in the end answers the receipt. The receipt stays
    in the platform's audit log.
    """
    erasure = service.erase(actor, path_client(client_id), **query)
    if erasure.is_finished:
        return {"deleted": erasure.counts, "receipt": erasure.receipt}
    return make_response(Erasing().dump({"job": _job(erasure)}), 202)


def _job(erasure: Erasure) -> dict[str, Any]:
    told = {"client_id": erasure.client_id, "deleted": erasure.counts, "started_at": erasure.started_at}
    return told | {"status": ERASING}
