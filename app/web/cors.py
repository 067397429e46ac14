"""Browsers (CORS): a page of another origin may call only if that very origin is named; never `*`, never `null`.

A preflight carries no credential: it asks whether anything of the path's client names the origin. The call itself is
held to the lists of its own credentials.
"""

import contextlib
from typing import Protocol
from uuid import UUID

from flask import Flask, Response, g, request
from flask.globals import request_ctx

from app.core import web_origins
from app.core.actors import Actor, EnrolleeActor, KeyActor, UserActor
from app.core.errors import AppError, InsufficientScope, Named
from app.core.ids import parse_id
from app.core.settings import settings

_REQUEST_HEADERS = "authorization, content-type, idempotency-key, x-api-key"
_READABLE = ", ".join(
    (
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-ID",
    )
)
_MAX_AGE = "600"
"""Seconds for which a browser need not ask again: what a revoked key named is refused by the call itself anyway."""


class Allowed(Protocol):
    """Tells whether a client, by its setting or a live publishable key, names an origin."""

    def __call__(self, client_id: UUID, origin: str) -> bool:
        """Look it up."""


def init_app(app: Flask, allowed: Allowed) -> None:
    """Answer preflights before any guard, and tell browsers which pages may read an answer."""

    def answer_preflight() -> Response | None:
        environ = request.environ
        asks = "HTTP_ORIGIN" in environ and environ["REQUEST_METHOD"] == "OPTIONS"
        if not asks or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ or not _is_client_path():
            return None
        answer = Response(status=204)
        g.page_may_read = False  # in case the question ends in an error
        if _asked(allowed, environ["HTTP_ORIGIN"]):
            g.page_may_read = True
            answer.headers["Access-Control-Allow-Methods"] = ", ".join(_methods())
            answer.headers["Access-Control-Allow-Headers"] = _REQUEST_HEADERS
            answer.headers["Access-Control-Max-Age"] = _MAX_AGE
        return answer

    def tell_browser(answer: Response) -> Response:
        origin = request.environ.get("HTTP_ORIGIN")
        if origin is None or not _is_client_path():
            return answer
        answer.vary.add("Origin")
        if _may_read(allowed, origin, answer):
            answer.headers["Access-Control-Allow-Origin"] = origin
            if "Access-Control-Max-Age" not in answer.headers:
                answer.headers["Access-Control-Expose-Headers"] = _READABLE
        return answer

    app.before_request(answer_preflight)
    app.after_request(tell_browser)


def held_to_origins(*actors: Actor | None) -> None:
    """Hold a call from a page to the lists of origins of all its credentials; calls without Origin pass.

    An empty list holds nobody back, but lets no page read the answer either. Raises InsufficientScope.
    """
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is None:
        return
    present = [actor for actor in actors if actor is not None]
    g.page_may_read = all(_is_for_pages(actor) and origin in _origins_of(actor) for actor in present)
    for actor in present:
        listed = _origins_of(actor)
        if listed and origin not in listed and origin != web_origins.of_address(settings().public_url):
            raise _not_named(actor)


def _origins_of(actor: Actor) -> tuple[str, ...]:
    """Return the origins that an API key, or a user's client, lists; other callers have no list."""
    listed: tuple[str, ...] = getattr(actor, "allowed_origins", ())
    return listed


def _is_for_pages(actor: Actor) -> bool:
    """Tell whether a credential may sit in a page: a backend's key may not, whatever it lists."""
    return isinstance(actor, UserActor | EnrolleeActor) or (isinstance(actor, KeyActor) and actor.publishable)


def _not_named(actor: Actor) -> AppError:
    whose = "This API key" if isinstance(actor, KeyActor) else "The client of this token"
    error = InsufficientScope(f"{whose} may not be used from this page: its allowed_origins do not name the page's.")
    if actor.client_id is None:
        return error
    impersonator = actor.impersonator_id if isinstance(actor, UserActor) else None
    return error.of(Named(actor.client_id, user_id=actor.user_id, key_id=actor.key_id, impersonator_id=impersonator))


def _is_client_path() -> bool:
    """Tell whether the path is a call of the API below a client's id, well-formed or not."""
    rule = request.url_rule
    return rule is not None and "client_id" in rule.arguments and rule.rule.startswith("/api/")


def _may_read(allowed: Allowed, origin: str, answer: Response) -> bool:
    """Tell whether a page may read an answer; a call refused before its caller was known goes by the preflight's."""
    decided: bool | None = g.get("page_may_read")
    if decided is not None:
        return decided
    # In trouble of our own, the database that would have to be asked is most likely what is missing.
    with contextlib.suppress(AppError):
        return answer.status_code < 500 and _asked(allowed, origin)
    return False


def _asked(allowed: Allowed, origin: str) -> bool:
    """Ask for an origin that a browser can have sent; nothing else is worth a query."""
    named = (request.view_args or {})["client_id"]
    client_id = parse_id(named) if isinstance(named, str) else named
    return client_id is not None and web_origins.canonical(origin) == origin and allowed(client_id, origin)


def _methods() -> list[str]:
    adapter = request_ctx.url_adapter
    return sorted(set(adapter.allowed_methods()) - {"HEAD", "OPTIONS"}) if adapter is not None else []
