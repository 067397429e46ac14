"""Calls that the service makes of itself: the whole way of a request, every hook included, without a socket."""

import re
from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.core.settings import settings
from app.web import docs, examples, guards, requests
from app.web.guards import Caller

CLIENT = "client_id"
_PARAMETER = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_MADE_BY_FLASK = {"HEAD", "OPTIONS"}
_WITH_BODY = {"POST", "PUT", "PATCH"}


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path of the live route map, and whom it admits; `body` is the plainest that it documents."""

    endpoint: str
    method: str
    path: str
    parameters: tuple[str, ...]
    callers: tuple[Caller, ...]
    body: dict[str, Any] | None

    def __str__(self) -> str:
        """Name it as the documentation does."""
        return f"{self.method} {self.path}"

    @property
    def names_client(self) -> bool:
        """Whether its path says which client the call is about."""
        return CLIENT in self.parameters

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of callers that it admits."""
        return frozenset(caller.kind for caller in self.callers)

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the path with a value for each parameter."""
        return self.path.format_map({name: quote(values[name], safe="") for name in self.parameters})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def request_id(self) -> str:
        """The name of the request, which differs from call to call."""
        return next((value for name, value in self.headers if name.lower() == "x-request-id"), "")


def routes() -> list[Route]:
    """Return every route that the application at hand has at this moment, in the order of their paths."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    document = docs.document_of(app)
    found = []
    for rule in app.url_map.iter_rules():
        path = _PARAMETER.sub(r"{\1}", rule.rule)
        callers = guards.callers_of(app.view_functions[rule.endpoint])
        for method in sorted((rule.methods or set()) - _MADE_BY_FLASK):
            operation = document["paths"].get(path, {}).get(method.lower(), {})
            body = examples.body_of(operation, document["components"]["schemas"]) if operation else None
            if method in _WITH_BODY and body is None:
                body = {}
            found.append(Route(rule.endpoint, method, path, tuple(sorted(rule.arguments)), callers, body))
    return sorted(found, key=lambda route: (route.path, route.method))


def send(method: str, path: str, *, headers: Mapping[str, str], body: dict[str, Any] | None) -> Answer:
    """Make a call of the application at hand, in a context that knows nothing of the caller's; outside any unit."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    builder = EnvironBuilder(
        path=path, method=method, headers=list(headers.items()), json=body, base_url=settings().public_url
    )
    try:
        environ = {**builder.get_environ(), requests.INNER: True}
    finally:
        builder.close()
    environ.pop("REMOTE_ADDR", None)
    parts, status, answered = Context().run(run_wsgi_app, app, environ, True)
    return Answer(int(status.partition(" ")[0]), tuple(answered.items()), b"".join(parts))


def version() -> str:
    """Return the version of the application at hand."""
    told: str = current_app.config["API_VERSION"]
    return told
