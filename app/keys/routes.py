"""API keys, and rotating a client's access key: by the client itself, or by an operator for a client that lost it."""

from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actors import Actor
from app.core.errors import Conflict, NotFound
from app.core.ids import parse_id
from app.idempotency import service as idempotency
from app.idempotency.errors import AlreadyCreated, IdempotencyMismatch, InProgress
from app.keys import rotation, service
from app.keys.models import IssuedKey as Issued
from app.keys.models import Key
from app.keys.rights import READ, WRITE
from app.keys.schemas import (
    IssuedKey,
    KeyChange,
    KeyPage,
    KeyQuery,
    KeyUsageView,
    KeyView,
    NewAccessKey,
    NewKey,
    Rotation,
)
from app.web import pages
from app.web.blueprint import CLIENT, IDEMPOTENCY_KEY, Blueprint
from app.web.guards import access_key, admin, client_key, fresh, guard, operator, path_client, user
from app.web.idempotency_header import idempotency_key

bp = Blueprint("keys", __name__, url_prefix="/api/v1", description="Access keys and API keys.")
_CLIENT = CLIENT.removeprefix("/api/v1")
_readers, _writers = (client_key(READ), admin(READ), user), (client_key(WRITE), admin(WRITE), user)


@bp.route(f"{_CLIENT}/keys", methods=["POST"])
@guard(*_writers)
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@bp.raises(Conflict, AlreadyCreated, InProgress, IdempotencyMismatch)
@bp.arguments(NewKey)
@bp.response(201, IssuedKey)
def create_key(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Make an API key; it is shown once, here.

    Made with an access key, an API key or by an admin it belongs to the client; made by another user it is that user's
    own, and can do no more than the user. Takes an `Idempotency-Key`: a repeat answers 409 `already_created`.
    """
    call = idempotency.of_call(actor, route="keys", key=idempotency_key(), body=data)
    return _issued(service.create(actor, path_client(actor.client_id), call=call, **data))


@bp.route(f"{_CLIENT}/keys")
@guard(*_readers)
@bp.arguments(KeyQuery, location="query")
@bp.response(200, KeyPage)
def list_keys(query: dict[str, Any], actor: Actor) -> pages.Page:
    """List API keys, newest first; a user without `keys:read` sees its own."""
    limit, position = query["limit"], pages.read_cursor("keys", query.pop("cursor"))
    before = UUID(position[0]) if position else None
    rows = service.page(actor, path_client(actor.client_id), before=before, **query)
    return pages.cut([_shown(row) for row in rows], limit, "keys", lambda row: [str(row["key_id"])])


@bp.route(f"{_CLIENT}/keys/<key_id>")
@guard(*_readers)
@bp.raises(NotFound)
@bp.response(200, KeyView)
def show_key(key_id: str, actor: Actor) -> dict[str, Any]:
    """Read an API key."""
    return _shown(service.show(actor, path_client(actor.client_id), parse_id(key_id)))


@bp.route(f"{_CLIENT}/keys/<key_id>", methods=["PATCH"])
@guard(*_writers)
@bp.raises(NotFound, Conflict)
@bp.arguments(KeyChange)
@bp.response(200, KeyView)
def change_key(data: dict[str, Any], key_id: str, actor: Actor) -> dict[str, Any]:
    """Change an API key; it binds from the next request on."""
    return _shown(service.change(actor, path_client(actor.client_id), parse_id(key_id), data))


@bp.route(f"{_CLIENT}/keys/<key_id>", methods=["DELETE"])
@guard(*_writers)
@bp.raises(NotFound)
@bp.response(204)
def delete_key(key_id: str, actor: Actor) -> None:
    """Delete an API key; it is refused from the next request on."""
    service.delete(actor, path_client(actor.client_id), parse_id(key_id))


@bp.route(f"{_CLIENT}/keys/<key_id>/revoke", methods=["POST"])
@guard(*_writers)
@bp.raises(NotFound)
@bp.response(200, KeyView)
def revoke_key(key_id: str, actor: Actor) -> dict[str, Any]:
    """Revoke an API key; it is refused from the next request on, and stays in the list."""
    return _shown(service.revoke(actor, path_client(actor.client_id), parse_id(key_id)))


@bp.route(f"{_CLIENT}/keys/<key_id>/rotate", methods=["POST"])
@guard(*_writers)
@bp.raises(NotFound, Conflict)
@bp.arguments(Rotation)
@bp.response(201, IssuedKey)
def rotate_key(data: dict[str, Any], key_id: str, actor: Actor) -> dict[str, Any]:
    """Replace an API key by a new one, shown once, here; the old one works until the grace ends.

    The new key takes over rights, quota and windows; while both work they share quota and windows.
    """
    return _issued(rotation.rotate(actor, path_client(actor.client_id), parse_id(key_id), **data))


@bp.route(f"{_CLIENT}/keys/<key_id>/usage")
@guard(*_readers)
@bp.raises(NotFound)
@bp.response(200, KeyUsageView)
def show_key_usage(key_id: str, actor: Actor) -> dict[str, Any]:
    """Read how much an API key was used: in all, per hour (48) and per day (30)."""
    found = service.usage_of(actor, path_client(actor.client_id), parse_id(key_id))
    counts = {name: getattr(found.key, name) for name in ("usage_count", "usage_limit", "last_used_at")}
    return counts | {"remaining": found.remaining, "per_hour": found.per_hour, "per_day": found.per_day}


@bp.route(f"{_CLIENT}/access-key/rotate", methods=["POST"])
@guard(access_key, fresh(admin()))
@bp.raises(Conflict)
@bp.arguments(Rotation)
@bp.response(201, NewAccessKey)
def rotate_access_key(data: dict[str, Any], actor: Actor) -> dict[str, str]:
    """Rotate your access key; it is shown once, here."""
    issued = rotation.rotate_access_key(actor, path_client(actor.client_id), **data)
    return {"access_key": issued.secret}


@bp.route(f"/clients{_CLIENT}/access-key/rotate", methods=["POST"])
@guard(fresh(operator))
@bp.raises(Conflict)
@bp.arguments(Rotation)
@bp.response(201, NewAccessKey)
def replace_access_key(data: dict[str, Any], client_id: UUID | None, actor: Actor) -> dict[str, str]:
    """Give a client that lost its access key a new one."""
    issued = rotation.rotate_access_key(actor, path_client(client_id), **data)
    return {"access_key": issued.secret}


def _shown(key: Key) -> dict[str, Any]:
    return key.shown_at(clock.now())


def _issued(issued: Issued) -> dict[str, Any]:
    return _shown(issued.key) | {"api_key": issued.secret}
