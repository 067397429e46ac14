"""What start-up refuses: every rule names the setting and says what to do."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limits import parse_many

from app.core import durations

_SAMPLES = ("changeme", "change-me", "change_me", "secret", "example", "password", "your-", "sample", "insecure")
_MIN_SECRET = 32
_PLACE = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_BEARER = re.compile(r"[A-Za-z0-9._~+/=-]+")
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
BUILT_IN_TIERS = ("free", "pro", "enterprise")
TIER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?")
TIER_LIMITS = (
    "requests_per_minute",
    "requests_per_hour",
    "requests_per_day",
    "user_requests_per_minute",
    "user_requests_per_hour",
    "verify_requests_per_minute",
)
MOST_REQUESTS = 10**9
_SAMPLE_TIERS = '{"gold": {"requests_per_minute": 200, "requests_per_hour": null}}'
_LONGEST_SHOWN = 64
_SHORTEST_INTERVAL, _MOST_KEPT = timedelta(minutes=5), 10_000

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """A setting that start-up refuses; the message names it and says what to do."""


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return a value that is allowed."""
    if value not in allowed:
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}")
    return value


def whole(name: str, value: int, *, least: int, most: int) -> int:
    """Return a number within bounds, both ends included."""
    if not least <= value <= most:
        raise SettingsError(f"{name} must be from {least} to {most}")
    return value


def secret(name: str, value: str, *, required: bool) -> str:
    """Return a secret that could not be guessed (RFC 8725, 3.5)."""
    if required and not value:
        raise SettingsError(
            f"{name} is not set: make one with `python -c 'import secrets; print(secrets.token_urlsafe(48))'`"
        )
    if len(value.encode()) < _MIN_SECRET:
        raise SettingsError(f"{name} is shorter than {_MIN_SECRET} bytes: make a random one of at least that length")
    if len(set(value)) < 10 or any(sample in value.lower() for sample in _SAMPLES):
        raise SettingsError(f"{name} looks like a sample: make a random one")
    return value


def database_url(name: str, url: str) -> str:
    """Return a URL that names its driver: SQLAlchemy 2.1 would take `postgresql://` for psycopg 3."""
    if url.startswith("sqlite://"):
        if url.removeprefix("sqlite:///") in (url, "") or ":memory:" in url or "mode=memory" in url:
            raise SettingsError(f"{name} must name a file, as in sqlite:////var/lib/rowlock/rowlock.db")
        return url
    for scheme in ("postgresql://", "postgres://", "postgresql+psycopg2://"):
        if url.startswith(scheme):
            _check_network_address(name, url)
            return "postgresql+psycopg2://" + url.removeprefix(scheme)
    raise SettingsError(f"{name} must begin with postgresql:// or sqlite://")


def redis_url(url: str) -> str | None:
    """Return the address of a Redis, or None for ''."""
    if not url:
        return None
    if not url.startswith(("redis://", "rediss://", "redis+unix://")):
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or redis+unix://")
    _check_network_address("REDIS_URL", url)
    return url


def public_url(url: str) -> str:
    """Return an http(s) address without a slash at its end, its scheme and host in lower case."""
    _check_network_address("PUBLIC_URL", url)
    parts = urlsplit(url)
    plain = parts.hostname and _PLACE.fullmatch(parts.netloc)
    if parts.scheme not in ("http", "https") or not plain or parts.query or parts.fragment:
        raise SettingsError("PUBLIC_URL must be an http(s) address such as https://auth.example.com")
    return parts._replace(netloc=parts.netloc.lower()).geturl().rstrip("/")


def host(name: str, text: str) -> str:
    """Return an address or name to listen on."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as wrong:
        if not _HOST_NAME.fullmatch(text) or text.replace(".", "").isdigit():
            raise SettingsError(f"{name} must be an address or a host name, such as 127.0.0.1 or localhost") from wrong
        return text


def bind(name: str, text: str) -> tuple[str, int] | None:
    """Return the address and port of a listener, or None for ''."""
    if not text:
        return None
    place, _, port = text.rpartition(":")
    bare = place.removeprefix("[").removesuffix("]")
    if not place or (":" in bare) is not (bare != place) or not port.isdecimal() or not 0 < int(port[:6]) <= 65_535:
        raise SettingsError(f"{name} must read like 127.0.0.1:9100 or [::1]:9100")
    return host(name, bare), int(port)


def bearer_token(name: str, value: str) -> str | None:
    """Return a secret that fits into an Authorization header (RFC 6750, 2.1), or None for ''."""
    if value and not _BEARER.fullmatch(value):
        raise SettingsError(f"{name} must be of letters, digits and -._~+/=")
    return secret(name, value, required=False) if value else None


def networks(listed: list[str]) -> tuple[Network, ...]:
    """Return the proxies to believe; never everybody."""
    try:
        found = tuple(ipaddress.ip_network(item.strip()) for item in listed if item.strip())
    except ValueError as wrong:
        raise SettingsError(
            "TRUSTED_PROXIES must list addresses or networks of your own proxies (never `*`)"
        ) from wrong
    for version in (4, 6):
        # Halves are collapsed first: 0.0.0.0/1 and 128.0.0.0/1 are everybody too.
        family: list[Any] = [network for network in found if network.version == version]
        if any(network.prefixlen == 0 for network in ipaddress.collapse_addresses(family)):
            raise SettingsError("TRUSTED_PROXIES must not hold every address: name your own proxies")
    return found


def limit(name: str, text: str) -> str:
    """Return a limit in the notation of the limits library."""
    try:
        parsed = parse_many(text)
    except ValueError as wrong:
        raise SettingsError(f"{name} must read like `10 per hour` or `5 per minute;100 per day`") from wrong
    if any(one.amount < 1 for one in parsed):
        raise SettingsError(f"{name} must let at least one call through")
    return text


def tiers(name: str, text: str) -> dict[str, dict[str, int | None]]:
    """Return tiers by name: a JSON object of limits; null means no such window, as does a client's limit not named."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise SettingsError(f"{name} is not JSON; write it like {_SAMPLE_TIERS}") from wrong
    if not isinstance(given, dict):
        raise SettingsError(f"{name} must be a JSON object such as {_SAMPLE_TIERS}")
    for tier, limits in given.items():
        wrong_part = _wrong_in_tier(tier, limits)
        if wrong_part:
            raise SettingsError(f"{name}: {wrong_part}")
    return given


def json_object(name: str, text: str) -> dict[str, Any]:
    """Return a JSON object; {} for ''."""
    try:
        given = json.loads(text or "{}")
    except (ValueError, RecursionError) as wrong:
        raise SettingsError(f"{name} is not JSON") from wrong
    if not isinstance(given, dict):
        raise SettingsError(f"{name} must be a JSON object")
    return given


def number_bounds(name: str, text: str) -> dict[str, tuple[int, int]]:
    """Return the least and the most of each number that a JSON object names."""
    given = json_object(name, text)
    for number, pair in given.items():
        whole_pair = isinstance(pair, list) and [type(each) for each in pair] == [int, int]
        if not whole_pair or pair[0] > pair[1]:
            raise SettingsError(f"{name}: {_shortened(number)[1:-1]} must be two whole numbers, as in [60, 900]")
    return {number: (least, most) for number, (least, most) in given.items()}


def known_tier(name: str, tier: str, own: Mapping[str, Any]) -> str:
    """Return a tier that is built in or among the setting TIERS."""
    if tier not in own and tier not in BUILT_IN_TIERS:
        raise SettingsError(f"{name} must be a tier of TIERS or one of {', '.join(BUILT_IN_TIERS)}")
    return tier


def _wrong_in_tier(tier: str, limits: Any) -> str | None:
    """Return what is wrong with a tier of the setting, None if it can be."""
    if not TIER_NAME.fullmatch(tier):
        return f"{_shortened(tier)} must be lower-case letters, digits, - and _ (at most 32)"
    if not isinstance(limits, dict):
        return f"{tier} must be an object of limits, as in {_SAMPLE_TIERS}"
    for limit, amount in limits.items():
        if limit not in TIER_LIMITS:
            return f"{tier}.{_shortened(limit)[1:-1]} is no limit; there are {', '.join(TIER_LIMITS)}"
        if amount is not None and (type(amount) is not int or not 1 <= amount <= MOST_REQUESTS):
            return f"{tier}.{limit} must be from 1 to {MOST_REQUESTS} or null"
    return None


def _shortened(text: str) -> str:
    """Return a text of the setting for a message: in quotes, in one line, and not endless."""
    return json.dumps(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…", ensure_ascii=False)


def folder(name: str, path: Path) -> Path:
    """Return a folder that is there, for the owner alone if it had to be made."""
    told = f"{name} must be a folder that can be made and written to: {path}"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise SettingsError(told) from wrong
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingsError(told)
    return path


def absolute(path: str, *, below: Path) -> Path:
    """Return a path; one that is not absolute is below a folder."""
    given = Path(path)
    return given if given.is_absolute() else below / given


def interval(name: str, text: str) -> timedelta | None:
    """Return how often something is done; None for '' and 0."""
    span = durations.parse(text or "0")
    if span is None or timedelta(0) < span < _SHORTEST_INTERVAL:
        raise SettingsError(f"{name} must be 0 (never) or at least five minutes, as in 3600, 90m, 24h or 7d")
    return span or None


def kept(name: str, text: str) -> int | timedelta:
    """Return how many of something are kept, or for how long."""
    if text.isdecimal() and 0 < int(text[:6]) <= _MOST_KEPT:
        return int(text)
    span = None if text.isdecimal() else durations.parse(text)
    if not span:
        raise SettingsError(f"{name} must be a number from 1 to {_MOST_KEPT}, as in 7, or a time, as in 36h or 30d")
    return span


def _check_network_address(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        fits = parts.port is None or parts.port > 0
    except ValueError:
        fits = False
    if not fits or re.search(r"\s", url):
        raise SettingsError(f"{name} is not a well-formed address; look at its host and port")
