"""The pages that explain the API: the first page, the reference, each client's too, error codes, OpenAPI."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
import flask_swagger_ui
from flask import Flask, Response, current_app, request, url_for

from app.core import db, errors
from app.core.settings import settings
from app.web import catalogue, console_build, openapi, quickstart
from app.web.assets import Assets
from app.web.blueprint import Api, Blueprint
from app.web.catalogue import Entry
from app.web.examples import Document
from app.web.guards import anyone, guard, path_client

RequireClient = Callable[[UUID], object]
bp = Blueprint("docs", __name__, description="The API reference.")
pages = flask.Blueprint("pages", __name__, template_folder="templates")

_EXTENSION = "rowlock.docs"
_OWN = Path(__file__).parent / "static"
_SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"
_assets = Assets(
    "pages.asset",
    {
        **dict.fromkeys(("page.css", "copy.js", "reference.js", "favicon.svg"), _OWN),
        **dict.fromkeys(("swagger-ui.css", "swagger-ui-bundle.js"), _SWAGGER_UI),
    },
)
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Reference:
    """What the pages are made of; the document is made when it is first asked for."""

    def __init__(self, api: Api, entries: list[Entry], require_client: RequireClient) -> None:
        """Take what the document is made of."""
        self.entries, self.require_client = entries, require_client
        self._api, self._making = api, threading.Lock()
        self._document: Document | None = None

    @property
    def document(self) -> Document:
        """The finished OpenAPI document."""
        with self._making:
            if self._document is None:
                self._document = openapi.finish(self._api.document(), self.entries, self._api.schema_texts())
            return self._document


def init_app(app: Flask, api: Api, *, find_client: RequireClient) -> None:
    """Serve the pages; `find_client` raises ClientNotFound for a client that has no pages."""
    app.extensions[_EXTENSION] = Reference(api, catalogue.read(), find_client)
    app.register_blueprint(pages)


def document_of(app: Flask) -> Document:
    """Return the finished OpenAPI document of an application; a server makes it before it forks (gunicorn.conf.py)."""
    held: Reference = app.extensions[_EXTENSION]
    return held.document


@bp.route("/openapi.json")
@guard(anyone)
@bp.response(200, {"type": "object"})
def openapi_json() -> Response:
    """Read the OpenAPI 3.1 document of this API."""
    return _document(_reference().document)


@bp.route("/docs/<client_id>")
@guard(anyone)
@bp.raises(errors.ClientNotFound)
@bp.response(200, {"type": "string"}, content_type="text/html")
def show_docs(client_id: UUID | None) -> Response:
    """Read the interactive API reference with a client's id filled in."""
    known = str(_open_client(client_id))
    return _reference_page(known, told=url_for("pages.client_openapi_json", client_id=known), client_id=known)


@pages.route("/docs/")
@pages.route("/docs")
@guard(anyone)
def show_general_docs() -> Response:
    """Show the API reference to whoever has no client yet, and how to get one."""
    register = quickstart.registration(_reference().document, settings().public_url)
    open_to_all = settings().client_registration == "open"
    told = url_for("docs.openapi_json")
    return _reference_page("$CLIENT_ID", told=told, client_id=None, register=register, open_to_all=open_to_all)


@pages.route("/docs/<client_id>/openapi.json")
@guard(anyone)
def client_openapi_json(client_id: UUID | None) -> Response:
    """Read the OpenAPI document with a client's id filled in."""
    return _document(openapi.for_client(_reference().document, _open_client(client_id)))


@pages.route("/")
@guard(anyone)
def show_first_page() -> Response:
    """Tell a newcomer what runs here and how to begin."""
    held, base_url = _reference(), settings().public_url
    return page(
        "first.html",
        register=quickstart.registration(held.document, base_url),
        then=quickstart.first_steps(held.document, base_url),
        keys=quickstart.key_steps(held.document, base_url),
        open_to_all=settings().client_registration == "open",
        version=held.document["info"]["version"],
    )


@pages.route("/docs/errors")
@guard(anyone)
def show_errors() -> Response:
    """Explain every error code; the `type` of a problem document leads here."""
    return page("errors.html", entries=_reference().entries)


@pages.route("/docs/assets/<name>")
@guard(anyone)
def asset(name: str) -> Response:
    """Serve a style sheet, script or picture of the pages."""
    return _assets.send(name)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Return one of the service's own pages."""
    always = {"asset_url": _assets.url, "console": console_build.is_there()}
    answer = flask.make_response(flask.render_template(template, **always, **values), status)
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _reference_page(filled_in: str, *, told: str, **values: Any) -> Response:
    document = _reference().document
    steps = quickstart.whole_story(document, settings().public_url, filled_in)
    return page("client.html", steps=steps, tags=document["tags"], told=told, **values)


def _reference() -> Reference:
    held: Reference = current_app.extensions[_EXTENSION]
    return held


def _open_client(client_id: UUID | None) -> UUID:
    known = path_client(client_id)
    with db.reading():
        _reference().require_client(known)
    return known


def _document(document: Document) -> Response:
    """Return a document that is asked for anew each time, and sent only when it has changed."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    answer = Response(body, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
