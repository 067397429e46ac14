"""`/pages`: the pages behind the links in mails. The code is in the fragment, so no request for a page carries it.

A page is the same for whoever opens it and changes nothing; only the click on its button sends the code.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from flask import Response

from app.clients.models import Client
from app.core import colors, errors
from app.hosted import service
from app.hosted.service import HostedPage
from app.web.assets import Assets
from app.web.guards import anyone, guard, path_client

bp = flask.Blueprint("hosted", __name__, url_prefix="/pages", template_folder="templates")
_assets = Assets("hosted.asset", dict.fromkeys(("hosted.css", "hosted.js"), Path(__file__).parent / "static"))
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@bp.route("/<client_id>/<page>")
@guard(anyone)
def show_page(client_id: UUID | None, page: str) -> Response:
    """Show the page that a mail's link leads to."""
    try:
        client = service.open_client(path_client(client_id))
        return _page("page.html", client, page=_named(service.PAGES[page], client))
    except (errors.ClientNotFound, KeyError):
        answer = _page("gone.html", None)
        answer.status_code = 404
        return answer


@bp.route("/<client_id>/brand.css")
@guard(anyone)
def show_brand(client_id: UUID | None) -> Response:
    """Serve a client's colours: a policy without inline styles leaves them no other place."""
    color = service.open_client(path_client(client_id)).settings.brand_color or colors.PLAIN
    rules = f":root {{ --brand: {color}; --on-brand: {colors.readable_on(color)}; }}\n"
    answer = Response(rules, mimetype="text/css")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.route("/assets/<name>")
@guard(anyone)
def asset(name: str) -> Response:
    """Serve the pages' style sheet or script."""
    return _assets.send(name)


def _named(page: HostedPage, client: Client) -> dict[str, Any]:
    """Return what a page says, with the client's name in it."""
    told = {name: getattr(page, name) for name in HostedPage.__slots__}
    return told | {name: told[name].replace("{client}", client.client_name) for name in ("heading", "lead")}


def _page(template: str, client: Client | None, **values: Any) -> Response:
    html = flask.render_template(f"hosted/{template}", client=client, asset_url=_assets.url, **values)
    answer = flask.make_response(html)
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-cache"
    return answer
