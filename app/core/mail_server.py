"""The mail server that MAIL_URL names, and the address that mails come from."""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import email_validator

from app.core.settings_rules import SettingsError

_SAMPLES = "smtp://user:password@mail.example.com:587?starttls=true or smtps://user:password@mail.example.com:465"
_PORTS = {"smtps": 465, "smtp": 25}
_SUBMISSION = 587
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,255}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over, and how: TLS from the start, by STARTTLS (RFC 3207), or none."""

    host: str
    port: int
    tls: bool
    starttls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def parse(name: str, url: str) -> MailServer | None:
    """Return the server that a URL names, or None for ''; raises SettingsError, which never quotes the URL."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        asked, port = dict(parse_qsl(parts.query, strict_parsing=True)), parts.port
    except ValueError as wrong:
        raise SettingsError(f"{name} must read like {_SAMPLES}") from wrong
    starttls = asked.pop("starttls", "false")
    plain = parts.scheme in _PORTS and parts.hostname and _HOST.fullmatch(parts.hostname) and port != 0
    if not plain or asked or starttls not in ("true", "false") or parts.path not in ("", "/") or parts.fragment:
        raise SettingsError(f"{name} must read like {_SAMPLES}")
    return _server(name, parts, starttls=starttls == "true" and parts.scheme == "smtp")


def sender(name: str, text: str, *, public_url: str) -> str:
    """Return the plain address that mails come from; for '' one at the host of PUBLIC_URL."""
    if not text:
        return f"rowlock@{domain_of(public_url)}"
    try:
        found = email_validator.validate_email(
            text, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False
        )
    except email_validator.EmailNotValidError as wrong:
        raise SettingsError(f"{name} must be an e-mail address such as auth@example.com, without a name") from wrong
    return found.ascii_email or found.normalized


def domain_of(public_url: str) -> str:
    """Return the host of PUBLIC_URL as it stands in a mail address (RFC 5321, 4.1.3)."""
    host = urlsplit(public_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[{'IPv6:' if address.version == 6 else ''}{address}]"


def _server(name: str, parts: SplitResult, *, starttls: bool) -> MailServer:
    host, tls = parts.hostname or "", parts.scheme == "smtps"
    username, password = (unquote(text) if text else None for text in (parts.username, parts.password))
    if (username is None) is not (password is None):
        raise SettingsError(f"{name} must name a user and a password, or neither")
    if password and not (tls or starttls or _is_here(host)):
        raise SettingsError(f"{name} sends its password unencrypted: use smtps:// or ?starttls=true")
    port = parts.port or (_SUBMISSION if starttls else _PORTS[parts.scheme])
    return MailServer(host, port, tls, starttls, username, password)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
