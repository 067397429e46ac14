"""The Flask application class: what every request would otherwise pay for and nothing here uses is left out."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import NullSession, SessionInterface


class _NoCookies(SessionInterface):
    """Keeps Flask from looking for a cookie session of its own in every request: nothing here has one."""

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """Return a session that holds nothing and takes nothing."""
        return _NO_SESSION


_NO_SESSION = NullSession()


class _StrictJson(DefaultJSONProvider):
    """Writes JSON and nothing that only looks like it: NaN and Infinity are a fault of ours."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return a value as JSON."""
        return super().dumps(obj, allow_nan=False, **kwargs)


class Application(Flask):
    """Flask without cookie sessions and without coroutines, with strict JSON."""

    json_provider_class = _StrictJson
    session_interface = _NoCookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or hook as it is: none is a coroutine, and asking costs each call (a hook is one) 3 µs."""
        return func
