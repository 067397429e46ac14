"""The yardstick: a Flask route that does nothing, served under the very same gunicorn configuration."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from flask.ctx import AppContext

from app import create_app

_rowlock = create_app()
_bare = Flask(__name__)


@_bare.get("/healthz")
def bare() -> dict[str, str]:
    """Answer a small JSON object."""
    return {"status": "ok"}


class Yardstick:
    """Answers by the bare application; shows Rowlock to the hooks of gunicorn.conf.py, which check its database."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        return _bare.wsgi_app(environ, start_response)

    def app_context(self) -> AppContext:
        """Return Rowlock's context."""
        return _rowlock.app_context()


app = Yardstick()
