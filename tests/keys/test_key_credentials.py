"""Keys as credentials: the two headers, a key beside a user's token, and whose windows a call counts in."""

import string
import zlib
from typing import Any

import httpx

from tests import database
from tests.factories import Operator, Person, Tenant, bearer, register
from tests.flows.counting import code_of
from tests.keys.making import ENDED, code, make, through

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LACKING = (403, "insufficient_scope")


def test_both_headers_carry_a_key_and_only_one_key_may_come(tenant: Tenant) -> None:
    key, second = make(tenant, scopes=["keys:read"])["api_key"], make(tenant, scopes=["keys:read"])["api_key"]
    person, path = tenant.sign_up(), f"{tenant.path}/keys"
    assert tenant.api.get(path, headers={"X-API-Key": key}).status_code == 200
    assert tenant.api.get(path, headers={"Authorization": f"bearer {key}"}).status_code == 200
    for headers in (
        {"X-API-Key": key} | bearer(second),
        {"X-API-Key": key} | bearer(key),
        {"X-API-Key": person.access_token},
        {"X-API-Key": person.access_token} | bearer(key),
        {"X-API-Key": ""} | bearer(person.access_token),
        {"X-API-Key": f"Bearer {key}"},
        {"X-API-Key": key[:-1]},
        {"X-API-Key": key + " x"},
        {"Authorization": key},
        {"Authorization": f"Basic {key}"},
    ):
        assert code_of(tenant.api.get(path, headers=headers)) == ENDED, headers
    assert code_of(tenant.api.get(f"{path}?api_key={key}")) == ENDED


def test_a_key_beside_a_users_token_means_both(api: httpx.Client, other: Tenant) -> None:
    tenant = register(api, admin=True)
    admin, person = tenant.log_in_admin(), tenant.sign_up()
    of_client = make(tenant)
    full, reads, nothing = (
        make(tenant, scopes=s) for s in (["keys:read", "keys:write", "read", "write"], ["read"], [])
    )

    def both(who: Person, key: str, method: str, path: str, **options: Any) -> httpx.Response:
        return who.call(method, path, headers={"X-API-Key": key}, **options)

    def seen(who: Person, key: str) -> set[str]:
        return {one["key_id"] for one in both(who, key, "GET", "/keys").json()["items"]}

    # The admin's sight of all keys needs keys:read of both; without it the admin is a user like any other.
    assert of_client["key_id"] in seen(admin, full["api_key"])
    assert seen(admin, reads["api_key"]) == set()
    assert both(person, reads["api_key"], "GET", "/me").json()["user_id"] == person.user_id
    assert code_of(both(person, reads["api_key"], "PATCH", "/me", json={"full_name": "X"})) == LACKING
    assert code_of(both(person, nothing["api_key"], "GET", "/me")) == LACKING
    assert both(person, tenant.access_key, "GET", "/me").status_code == 200
    made = both(admin, full["api_key"], "POST", "/keys", json={"name": "x", "scopes": ["keys:read"]})
    assert (made.status_code, made.json()["user_id"]) == (201, None)
    assert (
        code_of(both(admin, full["api_key"], "POST", "/keys", json={"name": "x", "scopes": ["audit:read"]})) == LACKING
    )
    assert code_of(both(person, make(other)["api_key"], "GET", "/me")) == (404, "client_not_found")
    # The call is that user's, through that key.
    assert both(person, full["api_key"], "PATCH", "/me", json={"full_name": "Ada"}).status_code == 200
    row = tenant.audit(action="user.update")[0]
    assert (row["user_id"], row["key_id"]) == (person.user_id, full["key_id"])
    assert row["detail"] == {"fields": ["full_name"], "by_user": person.user_id}  # not of a key that acts by itself
    alone = make(tenant, scopes=["users:write"])
    path = f"/users/{person.user_id}"
    assert through(tenant, alone["api_key"], "PATCH", path, json={"full_name": "Bea"}).status_code == 200
    row = tenant.audit(action="user.update")[0]
    assert (row["user_id"], row["key_id"]) == (person.user_id, alone["key_id"])
    assert row["detail"] == {"fields": ["full_name"]}
    assert tenant.call("POST", f"/keys/{full['key_id']}/revoke").status_code == 200
    assert code_of(both(person, full["api_key"], "GET", "/me")) == ENDED
    assert person.call("GET", "/me").status_code == 200


def test_TEN_01_an_operators_key_does_not_cross_to_other_clients(tenant: Tenant, operator: Operator) -> None:
    answer = operator.call("POST", "/keys", json={"name": "Wide", "scopes": ["admin", "read", "write"]})
    assert answer.status_code == 201, answer.text
    both = bearer(operator.access_token) | {"X-API-Key": answer.json()["api_key"]}
    calls = [
        ("GET", f"/clients/{tenant.client_id}", None),
        ("PATCH", f"/clients/{tenant.client_id}", {"client_name": "Taken"}),
        ("GET", f"/{tenant.client_id}/rate-limit-status", None),
        ("POST", f"/clients/{tenant.client_id}/limits/reset", None),
    ]
    for method, path, body in calls:
        refused = operator.platform_call(method, path, json=body, headers=both)
        assert (refused.status_code, refused.json()["code"]) == (404, "client_not_found"), path
        assert operator.platform_call(method, path, json=body).status_code in (200, 204), path


def test_TEN_07_windows_of_two_clients_users_and_lookalike_keys_are_their_own(
    api: httpx.Client, other: Tenant, database_url: str
) -> None:
    tenant = register(api)
    limit = {"rate_limit": {"requests_per_hour": 1}}
    email = "same@example.com"
    keys = [make(owner.sign_up(email), **limit)["api_key"] for owner in (tenant, other)]
    for owner, key in zip((tenant, other), keys, strict=True):
        assert [code(owner, key) for _ in range(2)] == [None, "rate_limited"]
    # Equal in all but the last letters of 43 and the checksum: neither known by the other's beginning.
    key = make(tenant, scopes=["keys:read"])["api_key"]
    assert through(tenant, key, "GET", "/keys").status_code == 200
    twin = twin_of(key)
    assert twin[:40] == key[:40]
    assert code_of(through(tenant, twin, "GET", "/keys")) == ENDED
    assert code(tenant, twin) == "not_found"
    digests = database.rows(database_url, "SELECT digest FROM keys")
    assert {len(bytes(row["digest"])) for row in digests} == {32}


def twin_of(key: str) -> str:
    """Return another key of the right form with the same first 40 characters."""
    from_here = key[:49] + ("a" if key[49] != "a" else "b")
    return from_here + checksum(from_here)


def checksum(start: str) -> str:
    """Return the six characters that make a key of its beginning (CRC32 in base62)."""
    value, letters = zlib.crc32(start.encode()), ""
    for _ in range(6):
        value, rest = divmod(value, 62)
        letters = ALPHABET[rest] + letters
    return letters
