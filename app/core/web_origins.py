"""Origins of web pages (RFC 6454) in the one form in which browsers send them: `https://app.example.com[:port]`."""

import ipaddress
import re
from urllib.parse import urlsplit

LONGEST = 255
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_ORIGIN = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:]+\])(?::([0-9]{{1,5}}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical(text: str) -> str | None:
    """Return an origin in lower case and without a default port; None for what is none, `null` and `*` included."""
    # Letters of other alphabets may turn into ASCII in lower case (the Kelvin sign into k).
    found = _ORIGIN.fullmatch(text.lower()) if text.isascii() and len(text) <= LONGEST else None
    if found is None:
        return None
    scheme, host, digits = found[1], _host(found[2]), found[3]
    port = _DEFAULT_PORTS[scheme] if digits is None else int(digits)
    if host is None or not 0 < port < 65_536:
        return None
    return f"{scheme}://{host}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"


def of_address(url: str) -> str | None:
    """Return the origin of a page's address."""
    parts = urlsplit(url)
    return canonical(f"{parts.scheme}://{parts.netloc}")


def _host(text: str) -> str | None:
    """Return a host as browsers write it: an address in its shortest form; a name that ends in a number is none."""
    try:
        if text.startswith("["):
            address = ipaddress.IPv6Address(text[1:-1])
            return None if address.ipv4_mapped else f"[{address}]"
        if re.fullmatch(r"\d+|0x[0-9a-f]*", text.rpartition(".")[2]):
            return str(ipaddress.IPv4Address(text))
    except ValueError:
        return None
    return text if len(text) <= 253 else None
