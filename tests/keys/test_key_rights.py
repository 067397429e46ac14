"""What a key may do, what its maker may grant, and whose keys anybody sees."""

import re
import string
import uuid
import zlib
from typing import Any

import httpx

from app.roles.service import RESERVED_SCOPES
from tests import database
from tests.contracts import openapi
from tests.factories import Person, Tenant, bearer, register
from tests.flows.counting import code_of
from tests.flows.observing import masked
from tests.keys.making import ENDED, ask, code, kept, make, through, unknown

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LACKING = (403, "insufficient_scope")
ON_A_KEY: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "", {}),
    ("GET", "/usage", {}),
    ("PATCH", "", {"name": "Taken"}),
    ("POST", "/rotate", {}),
    ("POST", "/revoke", {}),
    ("DELETE", "", {}),
]


def test_KEY_02_a_read_key_is_refused_on_every_write_route(tenant: Tenant, database_url: str) -> None:
    keys = [make(tenant, scopes=scopes)["api_key"] for scopes in (["read"], ["keys:read", "audit:read"], [])]
    document = openapi.operations(tenant.api.get("/openapi.json").json())
    closed = [
        one
        for one in document.values()
        # What a public key may do, any key may; anonymous calls look at no credential.
        if one.method != "GET" and not {name for name, _ in one.security()} & {"publishable_key", "anyone"}
    ]
    assert len(closed) >= 15
    before = kept(database_url, tenant)
    for one in closed:
        path = one.path.replace("{client_id}", tenant.client_id)
        path = re.sub(r"\{\w+\}", lambda _: str(uuid.uuid4()), path)
        for key in keys:
            for headers in (bearer(key), {"X-API-Key": key}):
                answer = tenant.api.request(one.method, path, json={"name": "x", "key": "x"}, headers=headers)
                assert code_of(answer) == LACKING, one
    assert kept(database_url, tenant) == before


def test_KEY_02_a_key_opens_what_its_scopes_say_and_an_empty_list_opens_nothing(tenant: Tenant) -> None:
    calls = {
        "keys:read": ("GET", "/keys"),
        "audit:read": ("GET", "/audit-logs"),
        "keys:verify": ("POST", "/keys/verify"),
    }
    for scope in calls:
        key = make(tenant, scopes=[scope])["api_key"]
        for needed, (method, path) in calls.items():
            answer = through(tenant, key, method, path, **({"json": {"key": "x"}} if method == "POST" else {}))
            assert answer.status_code == (200 if needed == scope else 403), (scope, path)
    for nothing in (
        make(tenant)["api_key"],
        make(tenant, scopes=[])["api_key"],
        make(tenant, scopes=["admin"])["api_key"],
    ):
        for method, path in calls.values():
            assert code_of(through(tenant, nothing, method, path, json={"key": "x"})) == LACKING


def test_KEY_02_nobody_grants_what_it_lacks(api: httpx.Client, database_url: str) -> None:
    tenant = register(api, admin=True)
    person, admin = tenant.sign_up(), tenant.log_in_admin()
    writer = make(tenant, scopes=["keys:write", "keys:read", "decay"])
    reader = make(tenant, scopes=["read"])
    own = make(person, scopes=["read"])
    strong = make(tenant, scopes=["admin", "keys:write", "decay"])

    def tried(credential: str, method: str, path: str, scopes: list[str] | None = None) -> tuple[int, str]:
        body = {"name": "x"} if scopes is None else {"name": "x", "scopes": scopes}
        body = {} if path.endswith("/rotate") else body
        answer = api.request(method, tenant.path + path, json=body, headers=bearer(credential))
        return (answer.status_code, "") if answer.status_code < 300 else code_of(answer)

    before = kept(database_url, tenant)
    for scopes in ([], ["read"], ["admin"]):
        assert tried(reader["api_key"], "POST", "/keys", scopes) == LACKING
    for scope in ["read", "admin", "users:write", "analytics"]:
        assert tried(writer["api_key"], "POST", "/keys", [scope]) == LACKING
        assert tried(writer["api_key"], "PATCH", f"/keys/{writer['key_id']}", ["keys:write", scope]) == LACKING
    # To rotate a key is to hold it.
    assert tried(writer["api_key"], "POST", f"/keys/{strong['key_id']}/rotate") == LACKING
    for scope in [*RESERVED_SCOPES - {"read", "write"}, "decay"]:
        assert tried(person.access_token, "POST", "/keys", [scope]) == LACKING
        assert tried(person.access_token, "PATCH", f"/keys/{own['key_id']}", [scope]) == LACKING
    assert kept(database_url, tenant) == before

    everything = sorted({*RESERVED_SCOPES, "decay", "analytics"})
    for credential, scopes in (
        (writer["api_key"], ["decay", "keys:write"]),
        (writer["api_key"], []),
        (person.access_token, ["read", "write"]),
        (admin.access_token, everything),
        (tenant.access_key, everything),
    ):
        assert tried(credential, "POST", "/keys", scopes) == (201, "")
    # What a key holds already it may keep, and scopes may be taken away.
    assert tried(writer["api_key"], "PATCH", f"/keys/{strong['key_id']}", ["admin", "decay"]) == (200, "")


def test_a_users_key_holds_no_more_than_its_owners_role(api: httpx.Client) -> None:
    tenant = register(api)
    person = tenant.sign_up()
    made = make(person, scopes=["read"])
    # Whatever an access key writes on it: rights are those of key and owner both.
    change = tenant.call("PATCH", f"/keys/{made['key_id']}", json={"scopes": ["read", "keys:read", "decay"]})
    assert change.status_code == 200
    assert code_of(through(tenant, made["api_key"], "GET", "/keys")) == LACKING
    assert ask(tenant, made["api_key"]).json()["scopes"] == ["read"]
    assert code(tenant, made["api_key"], scopes=["keys:read"]) == "insufficient_scope"
    assert ask(tenant, made["api_key"]).json()["user_id"] == person.user_id


def test_KEY_03_nobody_touches_anothers_key(api: httpx.Client, other: Tenant, database_url: str) -> None:
    tenant = register(api, admin=True)
    person, neighbour = tenant.sign_up(), tenant.sign_up()
    mine, of_client, foreign = make(neighbour), make(tenant), make(other)
    strangers: list[tuple[Person | Tenant, list[dict[str, Any]]]] = [
        (person, [mine, of_client, foreign]),
        (other, [mine, of_client]),
        (tenant, [foreign]),
        (tenant.log_in_admin(), [foreign]),
    ]
    before = kept(database_url, tenant, other)
    for stranger, keys in strangers:
        nobodys = [masked(stranger.call(m, f"/keys/{uuid.uuid4()}{tail}", json=body)) for m, tail, body in ON_A_KEY]
        for key in keys:
            told = [masked(stranger.call(m, f"/keys/{key['key_id']}{tail}", json=body)) for m, tail, body in ON_A_KEY]
            assert [answer[0] for answer in told] == [404] * len(ON_A_KEY)
            assert told == nobodys
            listed = stranger.call("GET", "/keys").json()["items"]
            assert key["key_id"] not in [one["key_id"] for one in listed]
    assert kept(database_url, tenant, other) == before
    # The credentials of one client on the other's path.
    for method, tail, body in ON_A_KEY:
        answer = api.request(
            method, f"{tenant.path}/keys/{mine['key_id']}{tail}", json=body, headers=bearer(other.access_key)
        )
        assert code_of(answer) == (404, "client_not_found")
    for name in ("x", "0", "", "%00", "%2e%2e", of_client["key_id"].upper() + "0"):
        assert tenant.call("GET", f"/keys/{name}").status_code == 404

    # Whom they belong to, they obey; an admin sees every key of its client.
    for owner, key in ((neighbour, mine), (tenant.log_in_admin(), of_client)):
        statuses = [owner.call(m, f"/keys/{key['key_id']}{tail}", json=body).status_code for m, tail, body in ON_A_KEY]
        assert statuses == [200, 200, 200, 201, 200, 204]


def test_KEY_03_anothers_key_is_verified_as_an_unknown_one(tenant: Tenant, other: Tenant) -> None:
    foreign, of_nobody = make(other, scopes=["read"])["api_key"], unknown()
    assert code(other, foreign) is None
    answers = [ask(tenant, key) for key in (of_nobody, foreign, foreign, of_nobody)]
    nothing = {
        "valid": False, "code": "not_found", "key_id": None, "client_id": tenant.client_id, "user_id": None,
        "scopes": [], "remaining": None, "rate_limit": {}, "expires_at": None,
    }  # fmt: skip
    assert [answer.json() for answer in answers] == [nothing] * 4
    assert masked(answers[0]) == masked(answers[1])
    assert code_of(through(tenant, foreign, "GET", "/keys")) == (404, "client_not_found")


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
    assert tenant.call("POST", f"/keys/{full['key_id']}/revoke").status_code == 200
    assert code_of(both(person, full["api_key"], "GET", "/me")) == ENDED
    assert person.call("GET", "/me").status_code == 200


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
