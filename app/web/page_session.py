"""The session of the service's own page, the console: what its cookies hold, and how a call proves it comes from there.

Tokens are in cookies that no script can read (HttpOnly). The cookies are sent along by the service's own pages alone
(SameSite=Strict) and, under their `__Host-` names, can be set by this very host only (RFC 6265bis, 4.1.3.2). A call
that changes something must come with the service's own Origin, and echo a value that is bound to its session; see
ADR 0016. Where PUBLIC_URL is plain http on loopback the cookies have other names, for browsers keep no Secure ones
there; plain http elsewhere has no such session at all.
"""

import functools
import hmac
import ipaddress
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, Request, Response, g, request

from app.core import crypto, errors, web_origins
from app.core.ids import parse_id
from app.core.settings import settings

_SESSION, _REFRESH, _LOGIN, _CSRF = "session", "refresh", "login", "csrf"
_ALL = (_SESSION, _REFRESH, _LOGIN, _CSRF)
_READABLE = frozenset({_CSRF})
_LABEL = "console csrf"
_KEPT = "rowlock.cookies"
_SAFE = ("GET", "HEAD")
_FROM_HERE = (None, "same-origin", "none")
View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a session is refreshed by, and whose it says it is."""

    client_id: UUID
    session_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class HalfLogin:
    """What waits for a second factor, or for one to be set up, and at which client."""

    client_id: UUID
    token: str


def init_app(app: Flask) -> None:
    """Write what a call has kept into the cookies of its answer, refusals included."""
    app.after_request(_write)


def keep(access_token: str, refresh: Refresh, *, seconds: int, refresh_seconds: int) -> None:
    """Put a session into the cookies of the answer, in place of whatever they held."""
    proof = _proof(_of_session(refresh.session_id))
    _put(_SESSION, access_token, seconds)
    _put(_REFRESH, f"{refresh.client_id}.{refresh.session_id}.{refresh.token}", refresh_seconds)
    _put(_CSRF, proof, refresh_seconds)
    _put(_LOGIN, None)


def keep_half(half: HalfLogin, *, seconds: int) -> None:
    """Put half a login into the cookies of the answer, in place of whatever they held."""
    forget()
    _put(_LOGIN, f"{half.client_id}.{half.token}", seconds)
    _put(_CSRF, _proof(_of_login(half.token)), seconds)


def forget() -> None:
    """Take all cookies away."""
    for name in _ALL:
        _put(name, None)


def forget_half() -> None:
    """Take the cookies of half a login away, if it came by them: what it was good for is done."""
    if half_login(request) is not None:
        forget()


def access_token(current: Request) -> str | None:
    """Return the access token of the cookies, where the call carries no credential in a header."""
    return _cookie(current, _SESSION) if _is_bare(current) else None


def refresh_of(current: Request) -> Refresh | None:
    """Return what the session of the cookies is refreshed by."""
    client, _, rest = (_cookie(current, _REFRESH) or "").partition(".")
    session, _, token = rest.partition(".")
    client_id, session_id = parse_id(client), parse_id(session)
    return Refresh(client_id, session_id, token) if client_id and session_id and token else None


def half_login(current: Request) -> HalfLogin | None:
    """Return the half login of the cookies, where the call carries no credential in a header and there is no session.

    What was proved on the way to a session opens less than the session, so it never stands in its way.
    """
    if not _is_bare(current) or _cookie(current, _SESSION) is not None:
        return None
    client, _, token = (_cookie(current, _LOGIN) or "").partition(".")
    client_id = parse_id(client)
    return HalfLogin(client_id, token) if client_id and token else None


def check_origin(current: Request) -> None:
    """Refuse a call that a page of another origin may have made; raises InsufficientScope."""
    origin, site = current.environ.get("HTTP_ORIGIN"), current.environ.get("HTTP_SEC_FETCH_SITE")
    own = _own_origin()
    reads = current.method in _SAFE
    if (origin not in (None, own) or site not in _FROM_HERE) if reads else origin != own:
        raise errors.InsufficientScope(
            f"This call is for the service's own pages, at {settings().public_url}: open the console there."
        )


def check_session_proof(current: Request, session_id: UUID) -> None:
    """Refuse a call that changes something without the value bound to its session; raises InsufficientScope."""
    _check_proof(current, _of_session(session_id))


def proved_session(current: Request) -> UUID | None:
    """Return the session that the cookies name, where the call has proved to come from its page."""
    held = refresh_of(current)
    return held.session_id if held is not None and _is_proved(current, _of_session(held.session_id)) else None


def check_login_proof(current: Request, half: HalfLogin) -> None:
    """Do the same for half a login."""
    _check_proof(current, _of_login(half.token))


def own_pages_only(view: View) -> View:
    """Let a view that changes something be called by the service's own pages alone, in JSON; stands below the guard.

    Raises InsufficientScope, also where PUBLIC_URL rules cookies out, and UnsupportedMediaType.
    """

    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not _is_possible():
            raise errors.InsufficientScope(
                f"No login over plain http: PUBLIC_URL is {settings().public_url}. Serve the console over https and"
                " set PUBLIC_URL to that address."
            )
        check_origin(request)
        if request.method != "DELETE" and request.mimetype != "application/json":
            raise errors.UnsupportedMediaType()
        return view(*args, **kwargs)

    return checked


def _write(answer: Response) -> Response:
    kept: dict[str, tuple[str | None, int]] = g.get(_KEPT) or {}
    for name, (value, seconds) in kept.items():
        answer.set_cookie(
            _prefix() + name,
            value or "",
            max_age=seconds,
            path="/",
            secure=_is_secure(),
            httponly=name not in _READABLE,
            samesite="Strict",
        )
    return answer


def _put(name: str, value: str | None, seconds: int = 0) -> None:
    kept: dict[str, tuple[str | None, int]] = g.setdefault(_KEPT, {})
    kept[name] = (value, seconds)


def _is_bare(current: Request) -> bool:
    return "HTTP_AUTHORIZATION" not in current.environ and "HTTP_X_API_KEY" not in current.environ


def _cookie(current: Request, name: str) -> str | None:
    if "HTTP_COOKIE" not in current.environ or not _is_possible():
        return None
    return current.cookies.get(_prefix() + name) or None


def _check_proof(current: Request, subject: bytes) -> None:
    if current.method in _SAFE:
        return
    if not _is_proved(current, subject):
        raise errors.InsufficientScope(
            f"Send the value of the cookie {_prefix()}{_CSRF} as X-CSRF-Token. If there is none, log in again."
        )


def _is_proved(current: Request, subject: bytes) -> bool:
    sent: str = current.environ.get("HTTP_X_CSRF_TOKEN", "")
    return any(hmac.compare_digest(sent.encode(), _spelt(made).encode()) for made in crypto.macs(_LABEL, subject))


def _proof(subject: bytes) -> str:
    return _spelt(crypto.mac(_LABEL, subject))


def _spelt(made: bytes) -> str:
    return urlsafe_b64encode(made).decode().rstrip("=")


def _of_session(session_id: UUID) -> bytes:
    return b"session:" + session_id.bytes


def _of_login(token: str) -> bytes:
    return b"login:" + crypto.digest(token)


def _prefix() -> str:
    return "__Host-rowlock_" if _is_secure() else "rowlock_"


def _is_secure() -> bool:
    return settings().public_url.startswith("https:")


def _is_possible() -> bool:
    return _own_origin() is not None and (_is_secure() or _is_loopback(settings().public_url))


def _own_origin() -> str | None:
    return web_origins.of_address(settings().public_url)


@functools.lru_cache(maxsize=16)
def _is_loopback(url: str) -> bool:
    """Tell whether an address leads to the machine itself, where nobody listens on the way (RFC 6761, 6.3)."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
