"""What every request gets: an id, its origin, a bound on its headers and one log line."""

import ipaddress
import re
import time
from functools import lru_cache
from typing import Any

from flask import Flask, Response, current_app, g, request

from app.core import errors, logs
from app.core.actors import Origin
from app.core.ids import new_id
from app.core.settings import settings
from app.web import headers, uploads

MAX_BODY = 64 * 1024
_MAX_HEADER = 8 * 1024
_MAX_HEADERS = 16 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CREDENTIAL = re.compile(r"rlk_\w+|eyJ[\w.-]+")
_USER_AGENT_KEPT = 256
_LONGEST_ADDRESS = 64
INNER = "rowlock.inner"
"""In the WSGI environment of a call that the service makes of itself; nothing that comes by HTTP can put it there."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def init_app(app: Flask) -> None:
    """Install the hooks; must come before any other before_request hook."""
    # One byte more than is taken: a chunked body is cut off there in silence, and its reader must notice.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY + 1
    app.before_request(_begin)
    app.after_request(_finish)


def origin() -> Origin:
    """Return where the request in hand comes from."""
    held: Origin = g.origin
    return held


def is_inner() -> bool:
    """Whether the service makes this call of itself: it has no address, and is neither counted nor logged."""
    return INNER in request.environ


def named_address(text: str) -> str:
    """Return the address that a backend names for its end user; raises InvalidRequest."""
    named = _parsed(text)
    if named is None:
        raise errors.InvalidRequest("Rowlock-Client-IP must be one IPv4 or IPv6 address.")
    return str(named)


def network_of(address: str | None) -> str:
    """Return what one neighbour holds: the IPv4 address itself, of IPv6 the /64."""
    parsed = _parsed(address or "")
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _begin() -> None:
    environ, held = request.environ, g._get_current_object()
    held.started = time.perf_counter()
    held.request_id = str(new_id())
    agent = _CREDENTIAL.sub("[credential]", _CONTROL.sub(" ", environ.get("HTTP_USER_AGENT", "")))[:_USER_AGENT_KEPT]
    held.origin = Origin(_address(environ), agent or None, held.request_id)
    sizes = [len(value) for name, value in environ.items() if name.startswith("HTTP_")]
    if sizes and (max(sizes) > _MAX_HEADER or sum(sizes) > _MAX_HEADERS):
        raise errors.HeadersTooLarge()
    if environ.get("CONTENT_LENGTH") and (request.content_length or 0) > MAX_BODY and not _takes_file():
        raise errors.PayloadTooLarge()


def _takes_file() -> bool:
    """Return whether the view reads a file, which has a bound of its own."""
    rule = request.url_rule
    return rule is not None and bool(uploads.media_of(current_app.view_functions[rule.endpoint]))


def _address(environ: dict[str, Any]) -> str | None:
    """Return the socket peer or, behind trusted proxies, the rightmost address that is not one of them."""
    # A neighbour on the link has a zone (`%eth0`), which means something to this machine only.
    peer = _parsed(environ.get("REMOTE_ADDR", "").partition("%")[0])
    trusted = settings().trusted_proxies
    if peer is None or not trusted:
        return str(peer) if peer else None
    hops = [peer, *map(_parsed, reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")))]
    last = peer
    for hop in hops:
        if hop is None:
            break
        last = hop
        if not any(hop in network for network in trusted if network.version == hop.version):
            break
    return str(last)


def _parsed(text: str) -> Address | None:
    """Return an address; None for any other text, and for one with a zone (`%eth0`), which is free text."""
    return None if "%" in text or len(text) > _LONGEST_ADDRESS else _read(text)


@lru_cache(maxsize=4096)
def _read(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    # An IPv4 address written as IPv6 (::ffff:192.0.2.1) counts in its own form.
    return getattr(address, "ipv4_mapped", None) or address


def _finish(answer: Response) -> Response:
    request.environ.setdefault(headers.LATE, []).append(("X-Request-ID", g.request_id))
    if not is_inner():
        _write_line(answer)
    return answer


def _write_line(answer: Response) -> None:
    """Log the request: its route, never its path, query or body, which may hold what people typed."""
    held, current = g._get_current_object(), request._get_current_object()  # type: ignore[attr-defined]
    rule = current.url_rule
    logs.write_request(
        request_id=held.request_id,
        method=current.method if rule else None,
        route=rule.rule if rule else None,
        status=answer.status_code,
        code=held.get("error_code"),
        ms=round((time.perf_counter() - held.started) * 1000, 2),
        client_id=getattr(held.get("actor"), "client_id", None),
        ip_address=held.origin.ip_address,
    )
