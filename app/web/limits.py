"""Limits per address on the open calls, and the headers that tell how much is left.

Windows are moving ones (limits' moving-window strategy): at most N in any window of that length.
"""

import functools
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter.constants import ConfigVars

from app.core import clock
from app.core.actors import ClientActor, KeyActor, OperatorActor
from app.core.settings import Settings, settings
from app.extensions import limiter
from app.web import requests

View = Callable[..., Any]


def flask_config(chosen: Settings) -> dict[str, Any]:
    """Return Flask-Limiter's part of the configuration: Redis if there is one, else this process."""
    config: dict[str, Any] = {
        ConfigVars.STORAGE_URI: chosen.redis_url or "memory://",
        ConfigVars.STRATEGY: "moving-window",
        ConfigVars.HEADERS_ENABLED: False,
        ConfigVars.FAIL_ON_FIRST_BREACH: True,
        ConfigVars.KEY_PREFIX: "rowlock",
    }
    if chosen.redis_url:
        timeouts = {"socket_connect_timeout": 0.05, "socket_timeout": 0.05}
        config |= {ConfigVars.STORAGE_OPTIONS: timeouts, ConfigVars.IN_MEMORY_FALLBACK_ENABLED: True}
    return config


def init_app(app: Flask) -> None:
    """Count the open calls and write what is left into every counted answer.

    A limited view checks its own limits. The extension's hooks, which run on every request (0.1 ms of a call that
    nothing limits), are taken off.
    """
    limiter.init_app(app)
    app.before_request_funcs[None].pop()
    app.teardown_request_funcs[None].pop()
    app.after_request_funcs[None].pop()
    app.after_request(_write_headers)


def per_address(setting: str) -> Callable[[View], View]:
    """Limit a view per address by the setting of that name; a backend's own calls have no address to count."""
    return _limited(setting, _address_key, unless=_has_no_address)


def in_all(setting: str, *, per_client: bool = False) -> Callable[[View], View]:
    """Limit a view over all addresses, within the service or within the client of the path.

    It stands below per_address(), so that one address cannot use up what everybody shares.
    """

    def key() -> str:
        return f"client:{(request.view_args or {}).get('client_id')}" if per_client else "all"

    return _limited(setting, key, unless=_is_operator)


def _limited(setting: str, key: Callable[[], str], *, unless: Callable[[], bool]) -> Callable[[View], View]:
    """Check one limit, then go on to the view; `unless` says when nothing is counted, not even by the extension.

    The extension would check all limits of a view at the innermost one, the widest window last. Each is to be checked
    where it stands, so each gets a name of its own and hides the mark that the extension would know it by.
    """

    def declare(view: View) -> View:
        @functools.wraps(view)
        def go_on(*args: Any, **kwargs: Any) -> Any:
            g.checked = [*g.get("checked", ()), *limiter.current_limits]
            return view(*args, **kwargs)

        go_on.__name__ = f"{view.__name__}.{setting}"
        limited = limiter.limit(lambda: getattr(settings(), setting), key_func=key)(go_on)

        @functools.wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if unless():
                return view(*args, **kwargs)
            g.setdefault("checked", [])
            return limited(*args, **kwargs)

        # For the documentation: the view can answer 429.
        counted._apidoc = {**getattr(view, "_apidoc", {}), "limited": True}  # type: ignore[attr-defined]
        return counted

    return declare


def _address_key() -> str:
    """Return what an address counts as: IPv6 by its /64; one that a backend names, within that backend's client."""
    address = requests.network_of(g.origin.ip_address)
    if g.get("address_named"):
        return f"{g.actor.client_id}:{address}"
    return address


def _has_no_address() -> bool:
    actor = g.actor
    backend = isinstance(actor, ClientActor) or (isinstance(actor, KeyActor) and not actor.publishable)
    return (backend and not g.get("address_named")) or _is_operator()


def _is_operator() -> bool:
    return isinstance(g.get("actor"), OperatorActor)


def _write_headers(answer: Response) -> Response:
    checked = g.get("checked")
    if checked is None:
        return answer
    refused = [limit for limit in limiter.current_limits if limit.breached]
    current = min([*checked, *refused], key=lambda limit: (not limit.breached, limit.remaining / limit.limit.amount))
    seconds = max(0, math.ceil(current.reset_at - time.time()))
    window = current.limit.get_expiry()
    reset = clock.rfc3339(datetime.fromtimestamp(current.reset_at, UTC))
    answer.headers["X-RateLimit-Limit"] = str(current.limit.amount)
    answer.headers["X-RateLimit-Remaining"] = str(current.remaining)
    answer.headers["X-RateLimit-Reset"] = reset
    answer.headers["RateLimit-Policy"] = f'"address";q={current.limit.amount};w={window}'
    answer.headers["RateLimit"] = f'"address";r={current.remaining};t={seconds}'
    if answer.status_code == 429 and "Retry-After" not in answer.headers:
        answer.headers["Retry-After"] = str(max(1, seconds))
    return answer
