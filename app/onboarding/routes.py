"""`/clients`: registration, and the platform's view of its clients."""

from typing import Any
from uuid import UUID

from werkzeug.routing import BaseConverter

from app.clients.errors import SlugTaken
from app.clients.models import BY_NAME, BY_STORAGE
from app.core import clock
from app.core.actors import Actor
from app.core.errors import Conflict
from app.idempotency import service as idempotency
from app.idempotency.errors import AlreadyCreated, IdempotencyMismatch, InProgress
from app.onboarding import administration, registration
from app.onboarding.models import ClientDetails
from app.onboarding.models import Registered as RegisteredClient
from app.onboarding.schemas import ClientChange, ClientPage, ClientQuery, ClientView, Registered, Registration
from app.user_management import logging_out
from app.user_management.schemas import Revoked
from app.web import pages
from app.web.blueprint import IDEMPOTENCY_KEY, Blueprint
from app.web.guards import access_key, admin, fresh, guard, operator, path_client, registrant
from app.web.idempotency_header import idempotency_key
from app.web.limits import in_all, per_address


class _OtherThanRegister(BaseConverter):
    """A client's id in a path where `register` has a meaning of its own: another method there is 405, not 404."""

    regex = r"(?!register\Z)[^/]+"
    part_isolating = True


bp = Blueprint("clients", __name__, url_prefix="/api/v1/clients", description="Registration and administration.")
bp.record_once(lambda made: made.app.url_map.converters.update(other_than_register=_OtherThanRegister))


@bp.route("/register", methods=["POST"])
@guard(registrant)
@per_address("client_registration_limit")
@in_all("client_registration_global_limit")
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@bp.raises(SlugTaken, AlreadyCreated, InProgress, IdempotencyMismatch)
@bp.arguments(Registration)
@bp.response(201, Registered)
def register_client(data: dict[str, Any], actor: Actor) -> RegisteredClient:
    """Register a client; its access key is shown once, here.

    Takes an `Idempotency-Key`: a repeat answers 409 `already_created` with the `client_id`.
    """
    call = idempotency.of_call(actor, route="clients/register", key=idempotency_key(), body=data)
    return registration.register(actor, call=call, **data)


@bp.route("")
@guard(operator)
@bp.arguments(ClientQuery, location="query")
@bp.response(200, ClientPage)
def list_clients(query: dict[str, Any]) -> pages.Page:
    """List clients: newest first, by name, or those that take most room first, as last measured."""
    limit, sort = query["limit"], query["sort"]
    name = f"clients:{sort}"
    query["position"] = pages.read_cursor(name, query.pop("cursor"))
    rows = administration.page(**query)
    return pages.cut(rows, limit, name, lambda row: [_sort_value(row, sort), str(row.client_id)])


@bp.route("/<other_than_register:client_id>")
@guard(operator, access_key, admin())
@bp.response(200, ClientView)
def show_client(client_id: UUID | None) -> ClientDetails:
    """Read a client, its settings and limits, each with the level it comes from."""
    return administration.show(path_client(client_id))


@bp.route("/<other_than_register:client_id>", methods=["PATCH"])
@guard(operator, access_key, admin())
@bp.raises(SlugTaken, Conflict)
@bp.arguments(ClientChange)
@bp.response(200, ClientView)
def change_client(data: dict[str, Any], client_id: UUID | None, actor: Actor) -> ClientDetails:
    """Change a client; `tier`, `status` and `limits` are the operator's."""
    return administration.change(actor, path_client(client_id), data)


@bp.route("/<other_than_register:client_id>/sessions/revoke-all", methods=["POST"])
@guard(fresh(operator))
@bp.response(200, Revoked)
def log_client_out(client_id: UUID | None, actor: Actor) -> dict[str, int]:
    """Log everyone of a client out, at once; keys go on."""
    return {"revoked": logging_out.end_everyones(actor, path_client(client_id))}


def _sort_value(row: ClientDetails, sort: str) -> str | int:
    if sort == BY_STORAGE:
        return row.storage_bytes
    return row.client_name if sort == BY_NAME else clock.rfc3339(row.created_at)
