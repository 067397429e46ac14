"""Security headers on every answer, whatever made it: `default-src 'none'` unless a page says otherwise, no sniffing,
no framing, no referrer, no cache, and HSTS where PUBLIC_URL is https.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from app.core.settings import settings

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
_UNLESS_GIVEN = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
)
_HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


LATE = "rowlock.headers"
"""Where in the WSGI environment hooks leave headers, as pairs, to be added here."""


def of_a_refusal() -> list[tuple[str, str]]:
    """Return the headers of an answer that is made without the application."""
    return [*_always(), *_UNLESS_GIVEN]


def init_app(app: Flask) -> None:
    """Wrap the application: on this floor headers are plain pairs, which costs a tenth of setting them in Flask."""
    always = _always()
    inner = app.wsgi_app

    def with_headers(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], fault: Any = None) -> Any:
            given = {name for name, _ in headers}
            headers += always
            headers += environ.get(LATE, ())
            headers += [pair for pair in _UNLESS_GIVEN if pair[0] not in given]
            return start_response(status, headers, fault)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign]


def _always() -> list[tuple[str, str]]:
    return [*_ALWAYS, *([_HSTS] if settings().public_url.startswith("https:") else [])]
