"""What a key may do, what its maker may grant, and whose keys anybody sees."""

import re
import uuid
from typing import Any

import httpx

from app.roles.service import RESERVED_SCOPES
from tests.contracts import openapi
from tests.factories import Person, Tenant, bearer, register
from tests.flows.counting import code_of
from tests.flows.observing import masked
from tests.flows.test_accounts import change_row
from tests.keys.making import ask, code, kept, make, through, unknown

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


def test_KEY_02_a_users_key_holds_no_more_than_its_owners_role(tenant: Tenant, database_url: str) -> None:
    person = tenant.sign_up()
    made = make(person, scopes=["read"])
    path = f"/keys/{made['key_id']}"
    # Nobody writes on it what its owner lacks, not even the access key.
    for lacking in ("keys:read", "decay"):
        answer = tenant.call("PATCH", path, json={"scopes": ["read", lacking]})
        assert code_of(answer) == (422, "validation_failed")
        assert list(answer.json()["errors"]) == ["scopes"]
    assert tenant.call("GET", path).json()["scopes"] == ["read"]
    # And if the owner holds less one day, so does the key: rights are those of both.
    change_row(database_url, tenant, "role = 'admin'")
    assert tenant.call("PATCH", path, json={"scopes": ["read", "keys:read"]}).status_code == 200
    change_row(database_url, tenant, "role = 'user'")
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
