"""`/console`: one page of HTML for all its addresses, which its script tells apart, and the files that it names."""

import flask
from flask import Response, request

from app.core import errors
from app.core.settings import settings
from app.web import console_build, docs
from app.web.console_build import Content
from app.web.guards import anyone, guard

bp = flask.Blueprint("console_pages", __name__, url_prefix="/console")

_ASSETS = "assets"
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


@bp.route("")
@bp.route("/")
@bp.route("/<path:path>")
@guard(anyone)
def show_console(path: str = "") -> Response:
    """Show the console; where it is not built, say so and how to build it."""
    if not _is_address(path):
        raise errors.NotFound()
    content = console_build.find_page(packed=_takes_gzip())
    if content is None:
        return docs.page("console.html", status=503, failed=console_build.has_failed())
    answer = _answer(content, "no-cache")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@bp.route("/assets/<name>")
@guard(anyone)
def asset(name: str) -> Response:
    """Serve a file of the build; its name carries a digest of what is in it, so it may be kept for good."""
    content = console_build.find_asset(name, packed=_takes_gzip())
    if content is None:
        raise errors.NotFound()
    return _answer(content, "public, max-age=31536000, immutable")


def offer_login(slug: str) -> None:
    """Have the answer to the call at hand name the console's login for a client, if the console is built (RFC 8288)."""
    if not console_build.is_there():
        return

    @flask.after_this_request
    def name_it(answer: Response) -> Response:
        answer.headers["Link"] = f'<{settings().public_url}/console/login?client={slug}>; rel="related"'
        return answer


def _is_address(path: str) -> bool:
    """Whether a path may be one of the console's: none that looks for a file, plays tricks or is no text."""
    parts = path.removesuffix("/").split("/") if path else []
    tricks = any(part in ("", ".", "..") or "\\" in part or not part.isprintable() for part in parts)
    return not tricks and parts[:1] != [_ASSETS]


def _takes_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def _answer(content: Content, kept: str) -> Response:
    answer = Response(content.body, mimetype=content.media)
    if content.encoding is not None:
        answer.headers["Content-Encoding"] = content.encoding
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = kept
    answer.add_etag()
    answer.make_conditional(request)
    return answer
