"""`/.well-known`: what a service needs to verify access tokens by itself."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from app.clients import service as clients
from app.core import db
from app.core.errors import ClientNotFound
from app.sessions import access_tokens, signing
from app.sessions.schemas import IssuerConfiguration, JsonWebKeySet
from app.web.blueprint import CLIENT, Blueprint
from app.web.guards import anyone, guard, path_client

bp = Blueprint("sessions", __name__, url_prefix=CLIENT, description="What your services check access tokens with.")
_MAX_AGE = "public, max-age=300"


@bp.route("/.well-known/jwks.json")
@guard(anyone)
@bp.raises(ClientNotFound)
@bp.response(200, JsonWebKeySet)
def show_jwks(client_id: UUID | None) -> Response:
    """Read the client's public keys."""
    return _cacheable(signing.jwks(_open_client(client_id)))


@bp.route("/.well-known/openid-configuration")
@guard(anyone)
@bp.raises(ClientNotFound)
@bp.response(200, IssuerConfiguration)
def show_issuer_configuration(client_id: UUID | None) -> Response:
    """Read the issuer and where its keys are."""
    issuer = access_tokens.issuer_of(_open_client(client_id))
    return _cacheable({"issuer": issuer, "jwks_uri": f"{issuer}/.well-known/jwks.json"})


def _open_client(client_id: UUID | None) -> UUID:
    wanted = path_client(client_id)
    with db.reading():
        return clients.require_active(wanted).client_id


def _cacheable(document: dict[str, Any]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = _MAX_AGE
    answer.vary.add("Origin")  # a shared cache must not give a page what was answered to another
    return answer
