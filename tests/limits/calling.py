"""Sets limits as an operator does, makes calls that count, and reads the headers as a strict client does."""

import re
from collections.abc import Callable
from typing import Any

import httpx

from app.core import crypto
from tests.factories import Operator, Tenant, bearer

CLIENT_WINDOWS = ("requests_per_minute", "requests_per_hour", "requests_per_day")
STRANGER = "nobody@example.com"
_STRING = r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"'
_KEY, _INTEGER = r"[a-z*][a-z0-9_.*-]*", r"-?[0-9]{1,15}"
_ITEM = re.compile(rf"({_STRING})((?:; *{_KEY}={_INTEGER})*)")
_COMMA = re.compile(r"[ \t]*,[ \t]*")


def put_tier(operator: Operator, name: str, **limits: int | None) -> httpx.Response:
    """Set a tier; a window of its clients that is not named is none."""
    return operator.platform_call("PUT", f"/tiers/{name}", json=dict.fromkeys(CLIENT_WINDOWS) | limits)


def limit(operator: Operator, tenant: Tenant, **limits: int | None) -> None:
    """Override the limits of a client's tier."""
    answer = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"limits": limits})
    assert answer.status_code == 200, answer.text


def reset(operator: Operator, tenant: Tenant) -> None:
    """Give a client fresh windows."""
    answer = operator.platform_call("POST", f"/clients/{tenant.client_id}/limits/reset")
    assert (answer.status_code, answer.content) == (204, b""), answer.text


def make_key(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Make a key of the client."""
    answer = tenant.call("POST", "/keys", json={"name": "A key", "scopes": [], **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def call_with(tenant: Tenant, key: str, *, api: httpx.Client | None = None) -> httpx.Response:
    """Make a call that any secret key and the access key may make."""
    return (api or tenant.api).get(f"{tenant.path}/rate-limit-status", headers=bearer(key))


def log_in_with(tenant: Tenant, key: str) -> httpx.Response:
    """Make a call that a publishable key may make."""
    body = {"email": STRANGER, "password": "not the password"}
    return tenant.api.post(f"{tenant.path}/login", json=body, headers=bearer(key))


def verify(tenant: Tenant, key: str, *, by: str = "", api: httpx.Client | None = None) -> httpx.Response:
    """Have a key verified, by the access key if no other is named."""
    headers = bearer(by or tenant.access_key)
    return (api or tenant.api).post(f"{tenant.path}/keys/verify", json={"key": key}, headers=headers)


def passed_before_429(call: Callable[[], httpx.Response], *, at_most: int = 300) -> int:
    """Call until a 429; return how many calls came before it."""
    for passed in range(at_most):
        if call().status_code == 429:
            return passed
    raise AssertionError(f"no 429 in {at_most} calls")


def unknown_key() -> str:
    """Return a well-formed key that nobody has."""
    return crypto.new_secret("sk")


def structured(field: str) -> list[tuple[str, dict[str, int]]]:
    """Parse a List of String Items with Integer parameters (RFC 8941, 4.2), of which nothing may be left over."""
    items, place = [], 0
    while True:
        found = _ITEM.match(field, place)
        assert found, f"not a structured field at {place}: {field!r}"
        parameters = [part.strip().split("=") for part in found[2].split(";")[1:]]
        items.append((found[1][1:-1], {name: int(value) for name, value in parameters}))
        comma = _COMMA.match(field, found.end())
        if comma is None:
            assert found.end() == len(field), f"left over at {found.end()}: {field!r}"
            return items
        place = comma.end()
