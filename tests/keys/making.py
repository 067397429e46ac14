"""Makes keys as their owners do, and looks at what the service knows of them."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
from flask import Flask
from pytest import MonkeyPatch

from app.core import crypto, db
from tests import database
from tests.factories import Person, Tenant, bearer
from tests.flows.observing import REFUSED, rows_of, watched

Owner = Tenant | Person
_COUNTED = ("usage_count", "last_used_at")
ENDED = (401, "authentication_required")


def make(owner: Owner, **fields: Any) -> dict[str, Any]:
    """Make a key with the owner's credential; return what was answered, the key itself as `api_key`."""
    answer = owner.call("POST", "/keys", json={"name": "A key", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ask(tenant: Tenant, key: str, *, address: str | None = None, **body: Any) -> httpx.Response:
    """Have a key verified by its client's access key; `address` is named as the holder's."""
    named = {} if address is None else {"Rowlock-Client-IP": address}
    return tenant.call("POST", "/keys/verify", json={"key": key, **body}, headers=named)


def verify(tenant: Tenant, key: str, *, address: str | None = None, **body: Any) -> dict[str, Any]:
    """Do the same and return the verdict."""
    answer = ask(tenant, key, address=address, **body)
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


def code(tenant: Tenant, key: str, **more: Any) -> str | None:
    """Return why a key is not valid; None if it is."""
    verdict = verify(tenant, key, **more)
    assert verdict["valid"] is (verdict["code"] is None)
    why: str | None = verdict["code"]
    return why


def through(tenant: Tenant, key: str, method: str, path: str, **options: Any) -> httpx.Response:
    """Call a path below the client with a key: `through(tenant, key, "GET", "/keys")`."""
    headers = bearer(key) | options.pop("headers", {})
    return tenant.api.request(method, tenant.path + path, headers=headers, **options)


def typo(key: str) -> str:
    """Return a key of the right form with one letter wrong."""
    return key[:20] + ("b" if key[20] == "a" else "a") + key[21:]


def unknown() -> str:
    """Return a well-formed key that nobody has."""
    return crypto.new_secret("sk")


def kept(url: str, *tenants: Tenant) -> list[object]:
    """Return all that clients have, save what refusals leave and what uses of keys are counted in, later."""
    found: list[object] = []
    for tenant in tenants:
        of_client = {"c": database.uuid_text(url, tenant.client_id)}
        keys = database.rows(url, "SELECT * FROM keys WHERE client_id = :c ORDER BY key_id", **of_client)
        told = [{name: _text(row[name]) for name in row if name not in _COUNTED} for row in keys]
        found.append((rows_of(url, tenant, without=(*REFUSED, "keys")), told))
    return found


@contextlib.contextmanager
def asked_of_database(app: Flask) -> Iterator[list[str]]:
    """Note the statements of all calls within the block, those that go past SQLAlchemy too."""
    plain = db.plain_cursor
    with watched(app) as work, MonkeyPatch.context() as patched:

        def noting() -> Any:
            cursor = plain()
            if cursor is not None:
                work.statements.append("a look-up")
            return cursor

        patched.setattr(db, "plain_cursor", noting)
        yield work.statements


def _text(value: object) -> str:
    return str(bytes(value) if isinstance(value, memoryview) else value)
