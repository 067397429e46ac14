"""POST /keys/verify: every verdict, which comes first, and that each check is counted once."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock
from tests import database
from tests.factories import Tenant, register
from tests.flows.counting import code_of
from tests.keys.making import code, make, through, typo, unknown, verify


def use_of(tenant: Tenant, made: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a key's use."""
    answer = tenant.call("GET", f"/keys/{made['key_id']}/usage")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_good_key_is_told_whole(tenant: Tenant) -> None:
    made = make(tenant, scopes=["read", "decay"], usage_limit=10, rate_limit={"requests_per_hour": 5})
    verdict = verify(tenant, made["api_key"], scopes=["decay"], cost=4)
    (window,) = verdict.pop("rate_limit").items()
    assert verdict == {
        "valid": True, "code": None, "key_id": made["key_id"], "client_id": tenant.client_id, "user_id": None,
        "scopes": ["decay", "read"], "remaining": 6, "expires_at": made["expires_at"],
    }  # fmt: skip
    assert (window[0], window[1]["limit"], window[1]["remaining"]) == ("requests_per_hour", 5, 4)
    publishable = verify(tenant, make(tenant, kind="publishable")["api_key"])
    assert (publishable["valid"], publishable["scopes"], publishable["remaining"]) == (True, [], None)


def test_each_verdict_has_its_place_and_only_a_good_key_is_counted(tenant: Tenant) -> None:
    made = make(
        tenant, scopes=["read"], usage_limit=2, rate_limit={"requests_per_hour": 3}, allowed_ips=["203.0.113.0/24"],
        expires_in_days=1,
    )  # fmt: skip
    key, inside, outside, path = made["api_key"], "203.0.113.7", "198.51.100.7", f"/keys/{made['key_id']}"
    assert code(tenant, key, address=outside, scopes=["write"]) == "forbidden_ip"
    assert code(tenant, key) == "forbidden_ip", "unnamed, the holder is the caller itself"
    assert code(tenant, key, address=inside, scopes=["write"]) == "insufficient_scope"
    assert code(tenant, key, address=inside, scopes=["read"], cost=3) == "quota_exceeded"
    assert [code(tenant, key, address=inside) for _ in range(2)] == [None, None]
    # All or nothing: the window, full by now, comes before the quota, spent by now.
    assert code(tenant, key, address=inside) == "rate_limited"
    assert code(tenant, key, address=inside, scopes=["write"]) == "insufficient_scope"
    used = use_of(tenant, made)
    assert (used["usage_count"], used["remaining"]) == (2, 0)
    assert (used["per_hour"][-1]["requests"], used["per_hour"][-1]["refusals"]) == (2, 2)
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1), tick=True):
        assert code(tenant, key, address=outside, scopes=["write"]) == "expired"
        assert tenant.call("POST", f"{path}/revoke").status_code == 200
        verdict = verify(tenant, key, address=outside, scopes=["write"])
        assert (verdict["code"], verdict["key_id"], verdict["scopes"]) == ("revoked", made["key_id"], ["read"])
    assert tenant.call("DELETE", path).status_code == 204
    assert code(tenant, key) == "not_found"


def test_a_check_counts_once_and_by_its_cost(tenant: Tenant) -> None:
    with_quota, without = make(tenant, usage_limit=100), make(tenant)
    for made in (with_quota, without):
        assert [verify(tenant, made["api_key"], cost=cost)["valid"] for cost in (1, 7, 1)] == [True] * 3
        used = use_of(tenant, made)
        assert (used["usage_count"], used["per_hour"][-1]["requests"], used["per_day"][-1]["requests"]) == (9, 3, 3)
        assert (len(used["per_hour"]), len(used["per_day"])) == (48, 30)
        assert used["last_used_at"] is not None
    too_dear = verify(tenant, with_quota["api_key"], cost=92)
    assert (too_dear["code"], too_dear["remaining"]) == ("quota_exceeded", 91)
    assert verify(tenant, with_quota["api_key"], cost=91)["remaining"] == 0
    assert verify(tenant, with_quota["api_key"])["code"] == "quota_exceeded"
    # A quota lowered below what is used leaves nothing, never less.
    assert tenant.call("PATCH", f"/keys/{with_quota['key_id']}", json={"usage_limit": 50}).status_code == 200
    assert verify(tenant, with_quota["api_key"])["remaining"] == 0
    assert use_of(tenant, with_quota)["remaining"] == 0
    assert tenant.call("PATCH", f"/keys/{with_quota['key_id']}", json={"usage_limit": 101}).status_code == 200
    assert verify(tenant, with_quota["api_key"])["remaining"] == 0
    assert tenant.call("PATCH", f"/keys/{with_quota['key_id']}", json={"usage_limit": None}).status_code == 200
    assert verify(tenant, with_quota["api_key"])["valid"]


def test_a_caller_with_a_quota_of_its_own_spends_it_by_verifying(tenant: Tenant) -> None:
    caller, made = make(tenant, scopes=["keys:verify"], usage_limit=2), make(tenant, usage_limit=10)
    answers = [
        through(tenant, caller["api_key"], "POST", "/keys/verify", json={"key": made["api_key"]}) for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "quota_exceeded"
    assert int(answers[2].headers["retry-after"]) >= 1
    assert use_of(tenant, made)["usage_count"] == 2
    # A call that is refused for what it says costs nothing.
    caller = make(tenant, scopes=["keys:verify"], usage_limit=1)
    assert through(tenant, caller["api_key"], "POST", "/keys/verify", json={}).status_code == 422
    assert through(tenant, caller["api_key"], "POST", "/keys/verify", json={"key": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        (["203.0.113.0/24"], ["203.0.113.255", "::ffff:203.0.113.1"], ["203.0.114.0", "::1", "2001:db8::cb00:7101"]),
        (["2001:db8::/32"], ["2001:db8:ffff::1", "2001:DB8::1"], ["2001:db9::", "203.0.113.1"]),
        (["::ffff:192.0.2.0/120", "198.51.100.1"], ["192.0.2.9", "198.51.100.1"], ["192.0.3.1", "198.51.100.2"]),
    ],
    ids=["IPv4", "IPv6", "mapped"],
)
def test_allowed_ips_hold_for_networks_of_both_families(
    tenant: Tenant, allowed: list[str], inside: list[str], outside: list[str]
) -> None:
    key = make(tenant, allowed_ips=allowed)["api_key"]
    assert [code(tenant, key, address=address) for address in inside] == [None] * len(inside)
    assert [code(tenant, key, address=address) for address in outside] == ["forbidden_ip"] * len(outside)


def test_a_key_held_to_addresses_is_refused_from_others_whatever_it_says(tenant: Tenant, api_from: Any) -> None:
    key = make(tenant, scopes=["keys:read"], allowed_ips=["192.0.2.0/24"])["api_key"]
    headers = {"Authorization": f"Bearer {key}"}
    near, far = api_from("::ffff:192.0.2.8"), api_from("198.51.100.1")
    assert near.get(f"{tenant.path}/keys", headers=headers).status_code == 200
    for claim in ({}, {"Rowlock-Client-IP": "192.0.2.8"}, {"X-Forwarded-For": "192.0.2.8"}):
        answer = far.get(f"{tenant.path}/keys", headers=headers | claim)
        assert code_of(answer) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"key": None},
        {"key": 1},
        {"key": ["x"]},
        {"key": "x" * 201},
        {"key": "a\u0000"},
        {"key": "x", "cost": 0},
        {"key": "x", "cost": -1},
        {"key": "x", "cost": True},
        {"key": "x", "cost": 1_000_001},
        {"key": "x", "scopes": None},
        {"key": "x", "scopes": "read"},
        {"key": "x", "scopes": ["READ"]},
        {"key": "x", "client_id": "x"},
    ],
    ids=str,
)
def test_IN_04_what_is_no_check_is_422(tenant: Tenant, body: dict[str, Any]) -> None:
    assert code_of(tenant.call("POST", "/keys/verify", json=body)) == (422, "validation_failed")
    for address in ("x", "1.2.3.4/8", "fe80::1%eth0", ""):
        answer = tenant.call("POST", "/keys/verify", json={"key": "x"}, headers={"Rowlock-Client-IP": address})
        assert code_of(answer) == (400, "invalid_request")


@pytest.fixture(scope="module")
def asking(api: httpx.Client) -> tuple[Tenant, str]:
    """A client, and a key of it."""
    tenant = register(api)
    made: str = make(tenant)["api_key"]
    return tenant, made


# Almost keys: each kind of prefix, lengths around the right one, letters that look alike or are none.
_ODD = st.one_of(
    st.text(max_size=80),
    st.builds(
        lambda kind, body: f"rlk_{kind}_{body}",
        st.sampled_from(["ak", "sk", "pk", "rt", "SK", "", "é"]),
        st.text(alphabet=st.one_of(st.sampled_from("aZ09_-"), st.characters()), min_size=44, max_size=53),
    ),
)


@given(odd=_ODD)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_IN_04_no_text_is_taken_for_a_key_or_breaks_the_call(app: Flask, asking: tuple[Tenant, str], odd: str) -> None:
    tenant, _ = asking
    kind = {"Content-Type": "application/json"}
    answer = tenant.call("POST", "/keys/verify", content=json.dumps({"key": odd}), headers=kind)
    assert answer.status_code in (200, 400, 422), (odd, answer.text)
    if answer.status_code == 200:
        assert answer.json()["code"] == "not_found"
    # As a server hands header fields over: each byte a character.
    raw = odd.encode("utf-8", "surrogatepass").decode("latin-1")
    for header in ({"HTTP_X_API_KEY": raw}, {"HTTP_AUTHORIZATION": f"Bearer {raw}"}):
        refused = app.test_client().get(f"{tenant.path}/keys", environ_overrides=header)
        assert refused.status_code == 401, odd


def test_KEY_08_near_keys_are_not_keys(asking: tuple[Tenant, str], database_url: str) -> None:
    tenant, key = asking
    near = [
        typo(key),
        key[:-1],
        key + "a",
        key.upper(),
        f" {key}",
        f"{key} ",
        key.replace("rlk_sk", "rlk_pk"),
        unknown(),
    ]
    assert [code(tenant, one) for one in near] == ["not_found"] * len(near)
    assert code(tenant, key) is None
    assert (
        database.count(database_url, "keys", "client_id = :c", c=database.uuid_text(database_url, tenant.client_id))
        == 2
    )
