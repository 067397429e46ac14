"""The OpenAPI document and the pages that explain the API."""

import flask_smorest
from flask import Flask, Response, current_app, jsonify

from app.web.blueprint import Blueprint
from app.web.guards import anyone, guard

bp = Blueprint("docs", __name__, description="The API reference.")
_EXTENSION = "rowlock.openapi"


def init_app(app: Flask, api: flask_smorest.Api) -> None:
    """Keep the finished OpenAPI document."""
    app.extensions[_EXTENSION] = api.spec.to_dict()


@bp.route("/openapi.json")
@guard(anyone)
@bp.response(200)
def openapi_json() -> Response:
    """Read the OpenAPI 3.1 document of this API."""
    return jsonify(current_app.extensions[_EXTENSION])
