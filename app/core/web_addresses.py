"""Addresses that people are sent to: taken only where every browser reads them as they are written.

What browsers mend or read in ways of their own is refused: other schemes, backslashes, tabs, line ends and spaces,
missing slashes, names and passwords before the host, dot segments, capitals in the host (WHATWG URL, 4.4).
"""

import re

from app.core import web_origins

LONGEST = 500
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_ADDRESS = re.compile(
    r"(?P<origin>(?P<scheme>https?)://(?P<host>\[[0-9a-f:]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?)"
    r"(?P<path>(?:/(?:[A-Za-z0-9._~!$&()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*)"
    r"(?:\?(?:[A-Za-z0-9._~!$&()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
_DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
_CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)


def is_plain(url: str) -> bool:
    """Tell whether an address is https, or http on this machine, without a fragment, and the same to every reader."""
    found = _ADDRESS.fullmatch(url) if len(url) <= LONGEST else None
    if found is None or _CONTROL.search(url):
        return False
    if found["scheme"] == "http" and found["host"] not in _LOOPBACK:
        return False
    if any(_DOTS.fullmatch(segment) for segment in found["path"].split("/")):
        return False
    return web_origins.canonical(found["origin"]) == found["origin"]


def is_domain(text: str) -> bool:
    """Tell whether a text is a host by name, of at least two labels unless it is `localhost`."""
    if ":" in text or (text != "localhost" and "." not in text):
        return False
    return not _ends_in_number(text) and web_origins.canonical(f"https://{text}") == f"https://{text}"


def _ends_in_number(host: str) -> bool:
    return host.rpartition(".")[2].isdecimal()
