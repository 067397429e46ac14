"""POST, GET and PATCH of keys: whose they are, what may be said of them, and that each is told once."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests import database
from tests.factories import Operator, Tenant, register
from tests.flows.counting import code_of
from tests.keys.making import code, kept, make, through

PER_MINUTE, MANY = "requests_per_minute", [f"w{number}" for number in range(51)]
SHOWN = {
    "key_id", "name", "kind", "user_id", "status", "scopes", "prefix", "last4", "usage_limit", "usage_count",
    "last_used_at", "rate_limit", "allowed_ips", "allowed_origins", "created_at", "expires_at", "revoked_at",
    "replaced_by",
}  # fmt: skip
SERVER_ONLY: dict[str, Any] = {
    "user_id": "01a1fe3e-0e00-70be-9171-d9026b617b5b", "client_id": "01a1fe3e-0e00-70be-9171-d9026b617b5b",
    "owner": "client", "tier": "enterprise", "usage_count": 0, "remaining": 1, "key_id": "x", "prefix": "rlk_sk_aaaaa",
    "last4": "aaaa", "digest": "00", "api_key": "rlk_sk_x", "created_at": "2026-01-01T00:00:00Z", "status": "active",
    "expires_at": "2099-01-01T00:00:00Z", "revoked_at": None, "replaced_by": None, "counts_as": None,
    "family_id": None, "last_used_at": None, "permissions": {}, "role": "admin",
}  # fmt: skip


def refused_fields(answer: httpx.Response) -> set[str]:
    """Return the fields that a 422 names."""
    assert code_of(answer) == (422, "validation_failed"), answer.text
    return set(answer.json()["errors"])


def days(made: dict[str, Any]) -> float:
    """Return how long a key lives."""
    lives = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    return round(lives / timedelta(days=1), 4)


def test_a_key_is_made_shown_and_listed_and_its_secret_is_told_once(tenant: Tenant) -> None:
    limits = {"requests_per_minute": 5, "requests_per_day": 70}
    made = make(
        tenant, name=" Reporting ", scopes=["read", "decay", "read"], usage_limit=9, rate_limit=limits,
        allowed_ips=["203.0.113.7/24", "2001:db8::/32", "198.51.100.1", "::ffff:192.0.2.9/120"],
    )  # fmt: skip
    key = made.pop("api_key")
    assert re.fullmatch(r"rlk_sk_[0-9A-Za-z]{49}", key)
    assert set(made) == SHOWN
    assert (made["prefix"], made["last4"]) == (key[:12], key[-4:])
    assert (made["name"], made["kind"], made["scopes"], made["user_id"]) == (
        "Reporting",
        "secret",
        ["decay", "read"],
        None,
    )
    assert (made["status"], made["usage_limit"], made["usage_count"], made["rate_limit"]) == ("active", 9, 0, limits)
    assert made["allowed_ips"] == ["203.0.113.0/24", "2001:db8::/32", "198.51.100.1/32", "192.0.2.0/24"]
    assert made["allowed_origins"] == []
    assert days(made) == 365
    assert tenant.call("GET", f"/keys/{made['key_id']}").json() == made
    assert tenant.call("GET", "/keys").json() == {"items": [made], "next_cursor": None}


def test_a_key_lives_a_year_unless_told_otherwise_and_may_live_for_ever(tenant: Tenant) -> None:
    assert make(tenant, expires_in_days=None)["expires_at"] is None
    made = make(tenant, expires_in_days=30)
    assert days(made) == 30
    path = f"/keys/{made['key_id']}"
    assert tenant.call("PATCH", path, json={"expires_in_days": None}).json()["expires_at"] is None
    assert tenant.call("PATCH", path, json={"name": "Same"}).json()["expires_at"] is None


def test_KEY_01_the_owner_comes_from_the_credential_and_server_only_fields_are_refused(
    api: httpx.Client, database_url: str
) -> None:
    tenant = register(api, admin=True)
    person, admin = tenant.sign_up(), tenant.log_in_admin()
    assert make(person)["user_id"] == person.user_id
    assert make(admin)["user_id"] is None
    by_key = make(tenant, scopes=["keys:write"])
    answer = through(tenant, by_key["api_key"], "POST", "/keys", json={"name": "By a key"})
    assert (answer.status_code, answer.json()["user_id"]) == (201, None)
    own = make(person)
    before = kept(database_url, tenant)
    for owner, key in ((tenant, by_key), (admin, by_key), (person, own)):
        body = {"name": "x", **SERVER_ONLY}
        assert refused_fields(owner.call("POST", "/keys", json=body)) == set(SERVER_ONLY)
        kind = {"kind": "publishable"}
        answer = owner.call("PATCH", f"/keys/{key['key_id']}", json={**SERVER_ONLY, **kind})
        assert refused_fields(answer) == {*SERVER_ONLY, *kind}
    for method, path in (("POST", "/keys"), ("PATCH", f"/keys/{own['key_id']}")):
        answer = api.request(method, tenant.path + path, json={"name": "x", "user_id": person.user_id})
        assert code_of(answer) == (401, "authentication_required")
    assert kept(database_url, tenant) == before


def test_KEY_01_a_users_own_key_has_no_more_than_the_client_lets_each_user(
    api: httpx.Client, operator: Operator
) -> None:
    tenant = register(api)
    limits = {"user_requests_per_minute": 30, "user_requests_per_hour": 70, "requests_per_day": 700}
    path = f"/clients/{tenant.client_id}"
    assert operator.platform_call("PATCH", path, json={"limits": limits}).status_code == 200
    person = tenant.sign_up()
    within = {"requests_per_minute": 30, "requests_per_hour": 70, "requests_per_day": 700}
    own = make(person, rate_limit=within)
    for name, most in within.items():
        over = {"rate_limit": {name: most + 1}}
        for method, where in (("POST", "/keys"), ("PATCH", f"/keys/{own['key_id']}")):
            answer = person.call(method, where, json=over | {"name": "x"})
            assert refused_fields(answer) == {f"rate_limit.{name}"}
        # Nobody else may give it more either; a client's own key is not held to the users' limits.
        assert refused_fields(tenant.call("PATCH", f"/keys/{own['key_id']}", json=over)) == {f"rate_limit.{name}"}
        make(tenant, **over)
    assert refused_fields(person.call("POST", "/keys", json={"name": "x", "kind": "publishable"})) == {"kind"}
    # Where it names none of its own, the user's bounds hold.
    assert person.call("PATCH", f"/keys/{own['key_id']}", json={"rate_limit": {}}).json()["rate_limit"] == {}
    assert code_windows(tenant, own["api_key"]) == within


def code_windows(tenant: Tenant, key: str) -> dict[str, int]:
    """Return the windows in which a key's verification counts."""
    answer = tenant.call("POST", "/keys/verify", json={"key": key}).json()
    return {name: window["limit"] for name, window in answer["rate_limit"].items()}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", ["", "  ", "x" * 121, None, 1, "a\u0000b"]),
        ("kind", ["access", "root", "", None]),
        ("scopes", [None, "read", [""], ["Read"], ["a b"], ["x" * 64], [1], [None], ["a:b:c"], MANY]),
        ("expires_in_days", [0, -1, 3651, 1.5, "30", True]),
        ("usage_limit", [0, -1, 10**12 + 1, 1.0, "5", True]),
        ("rate_limit", [None, [], {"requests_per_second": 1}, {PER_MINUTE: 0}, {PER_MINUTE: None}]),
        ("allowed_ips", [None, "1.2.3.4", ["1.2.3.4/33"], ["localhost"], ["fe80::1%eth0"], [""], [1], ["1.2.3"]]),
        ("allowed_origins", [None, ["null"], ["*"], ["https://a.example/x"], ["a.example"], [""]]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_IN_04_odd_values_are_422_and_change_nothing(tenant: Tenant, field: str, wrong: list[Any]) -> None:
    made = make(tenant)
    path = f"/keys/{made['key_id']}"
    for value in wrong:
        answers = [tenant.call("POST", "/keys", json={"name": "x", field: value})]
        answers += [] if field == "kind" else [tenant.call("PATCH", path, json={field: value})]
        for answer in answers:
            assert {name.partition(".")[0] for name in refused_fields(answer)} == {field}, value
    assert len(tenant.call("GET", "/keys").json()["items"]) == 1
    assert tenant.call("GET", path).json() == {name: made[name] for name in SHOWN}


def test_a_publishable_key_opens_public_calls_only_and_holds_no_scopes(tenant: Tenant) -> None:
    made = make(tenant, kind="publishable")
    key, path = made["api_key"], f"/keys/{made['key_id']}"
    assert re.fullmatch(r"rlk_pk_[0-9A-Za-z]{49}", key)
    assert refused_fields(
        tenant.call("POST", "/keys", json={"name": "x", "kind": "publishable", "scopes": ["read"]})
    ) == {"scopes"}
    assert refused_fields(tenant.call("PATCH", path, json={"scopes": ["read"]})) == {"scopes"}
    account = {"email": "p@example.com", "password": "correct horse battery"}
    assert through(tenant, key, "POST", "/signup", json=account).status_code == 201
    assert through(tenant, key, "POST", "/login", json=account).status_code == 200
    for method, where in (("GET", "/keys"), ("GET", "/me"), ("POST", "/keys/verify"), ("GET", "/audit-logs")):
        assert code_of(through(tenant, key, method, where, json={})) == (403, "insufficient_scope")
    assert code(tenant, key) is None


def test_a_secret_key_takes_no_origins_for_it_belongs_in_no_page(tenant: Tenant) -> None:
    origins = {"allowed_origins": ["https://a.example"]}
    assert refused_fields(tenant.call("POST", "/keys", json={"name": "x", **origins})) == {"allowed_origins"}
    made = make(tenant)
    assert refused_fields(tenant.call("PATCH", f"/keys/{made['key_id']}", json=origins)) == {"allowed_origins"}
    assert make(tenant, kind="publishable", **origins)["allowed_origins"] == origins["allowed_origins"]
    assert make(tenant, allowed_origins=[])["allowed_origins"] == []


def test_lists_go_page_by_page_newest_first_and_filter(tenant: Tenant) -> None:
    kinds = ["secret", "publishable", "secret", "secret"]
    made = [make(tenant, kind=kind, name=f"Key {number}")["key_id"] for number, kind in enumerate(kinds)]
    assert tenant.call("POST", f"/keys/{made[2]}/revoke").status_code == 200

    def listed(**query: str) -> list[int]:
        found: list[int] = []
        query["limit"] = "2"
        while True:
            page = tenant.call("GET", "/keys", params=query).json()
            assert len(page["items"]) <= 2
            found += [made.index(item["key_id"]) for item in page["items"]]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    assert listed() == [3, 2, 1, 0]
    assert listed(status="active") == [3, 1, 0]
    assert listed(kind="secret") == [3, 2, 0]
    assert listed(kind="publishable", status="active") == [1]
    for wrong in (
        {"limit": "0"},
        {"kind": "access"},
        {"status": "x"},
        {"user_id": "x"},
        {"sort": "digest"},
    ):
        assert tenant.call("GET", "/keys", params=wrong).status_code == 422, wrong
    assert code_of(tenant.call("GET", "/keys", params={"cursor": "AAAA"})) == (400, "invalid_request")


def test_an_access_key_is_not_reachable_as_a_key(tenant: Tenant, database_url: str) -> None:
    of_client = {"c": database.uuid_text(database_url, tenant.client_id)}
    (row,) = database.rows(database_url, "SELECT key_id FROM keys WHERE client_id = :c", **of_client)
    path = f"/keys/{row['key_id']}"
    assert tenant.call("GET", "/keys").json()["items"] == []
    for method, tail in (
        ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/revoke"), ("POST", "/rotate"), ("GET", "/usage"),
    ):  # fmt: skip
        assert code_of(tenant.call(method, path + tail, json={})) == (404, "not_found")
    assert code(tenant, tenant.access_key) == "not_found"
    assert tenant.call("GET", "/keys").status_code == 200
