"""Limits per address on the open calls, and the headers that tell how much is left.

Windows are moving ones (limits' moving-window strategy): at most N in any window of that length.
"""

import functools
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import RateLimitExceeded, RequestLimit
from flask_limiter.constants import ConfigVars

from app.core.actors import OperatorActor
from app.core.errors import RateLimited
from app.core.settings import Settings, settings
from app.core.windows import WindowState
from app.extensions import limiter
from app.web import headers, limit_storage, page_session, requests

View = Callable[..., Any]


def flask_config(chosen: Settings) -> dict[str, Any]:
    """Return Flask-Limiter's part of the configuration: Redis if there is one, else this process."""
    return {
        ConfigVars.STORAGE_URI: f"{limit_storage.SCHEME}://" if chosen.redis_url else "memory://",
        ConfigVars.STRATEGY: "moving-window",
        ConfigVars.HEADERS_ENABLED: False,
        ConfigVars.FAIL_ON_FIRST_BREACH: True,
        ConfigVars.KEY_PREFIX: "rowlock",
    }


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
    return _limited("address", setting, _address_key, unless=_has_no_address)


def per_session(setting: str) -> Callable[[View], View]:
    """Limit a view of the console per session that calls or proves to be one, and only else per address.

    So nobody behind the same address uses up what keeps another logged in.
    """

    def key() -> str:
        session_id = getattr(g.actor, "session_id", None) or page_session.proved_session(request)
        return _address_key() if session_id is None else f"session:{session_id}"

    return _limited("session", setting, key, unless=_nobody)


def in_all(setting: str, *, per_client: bool = False) -> Callable[[View], View]:
    """Limit a view over all addresses, within the service or within the client of the path.

    It stands below per_address(), so that one address cannot use up what everybody shares.
    """

    def key() -> str:
        return f"client:{(request.view_args or {}).get('client_id')}" if per_client else "all"

    return _limited("everybody", setting, key, unless=_is_operator)


def _limited(
    subject: str, setting: str, key: Callable[[], str], *, unless: Callable[[], bool]
) -> Callable[[View], View]:
    """Check one limit, then go on to the view; `unless` says when nothing is counted, not even by the extension.

    The extension would check all limits of a view at the innermost one, the widest window last. Each is to be checked
    where it stands, so each gets a name of its own and hides the mark that the extension would know it by.
    """

    def declare(view: View) -> View:
        @functools.wraps(view)
        def go_on(*args: Any, **kwargs: Any) -> Any:
            g.states = (*g.get("states", ()), *_states(subject, limiter.current_limits))
            return view(*args, **kwargs)

        go_on.__name__ = f"{view.__name__}.{setting}"
        limited = limiter.limit(lambda: getattr(settings(), setting), key_func=key)(go_on)

        @functools.wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if requests.is_inner() or unless():
                return view(*args, **kwargs)
            try:
                return limited(*args, **kwargs)
            except RateLimitExceeded as refused:
                breached = [limit for limit in limiter.current_limits if limit.breached]
                states = _states(subject, breached)
                wait = max((state.reset_at for state in states), default=0) - time.time()
                raise RateLimited(retry_after=max(1, wait), states=states) from refused

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
    return (g.actor.is_backend and not g.get("address_named")) or _is_operator()


def _nobody() -> bool:
    return False


def _is_operator() -> bool:
    return isinstance(g.get("actor"), OperatorActor)


def counted(states: Iterable[WindowState]) -> None:
    """Keep what is left of windows that a view has counted itself, for the headers."""
    g.states = tuple(states)


def _write_headers(answer: Response) -> Response:
    """Tell what is left: of the window nearest to exhaustion, and for machines the policy of each."""
    states: tuple[WindowState, ...] = g.get("states", ())
    if not states:
        return answer
    nearest = min(states, key=lambda state: (state.remaining / state.limit, -state.reset_at))
    seconds = max(0, math.ceil(nearest.reset_at - time.time()))
    policy = ", ".join([f'"{state.name}";q={state.limit};w={state.seconds}' for state in states])
    request.environ.setdefault(headers.LATE, []).extend(
        (
            ("X-RateLimit-Limit", str(nearest.limit)),
            ("X-RateLimit-Remaining", str(nearest.remaining)),
            ("X-RateLimit-Reset", _rounded_up(nearest.reset_at)),
            ("RateLimit-Policy", policy),
            ("RateLimit", f'"{nearest.name}";r={nearest.remaining};t={seconds}'),
        )
    )
    return answer


def _rounded_up(moment: float) -> str:
    """Return a moment in whole seconds (RFC 3339), never one that is too early."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(math.ceil(moment)))


def _states(subject: str, checked: Iterable[RequestLimit]) -> list[WindowState]:
    return [
        WindowState(
            name=f"{subject}_per_{limit.limit.GRANULARITY.name}",
            limit=limit.limit.amount,
            seconds=limit.limit.get_expiry(),
            remaining=0 if limit.breached else limit.remaining,
            reset_at=limit.reset_at,
        )
        for limit in checked
    ]
