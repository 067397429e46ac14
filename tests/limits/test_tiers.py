"""Tiers: what they are, who sets them, and that a change binds on the very next call, on every worker."""

import itertools
from typing import Any

import httpx
import pytest

from app.core import settings
from app.core.settings_rules import BUILT_IN_TIERS, TIER_LIMITS
from app.limits.tiers import BUILT_IN, LIMIT_NAMES
from tests.factories import Operator, Tenant, bearer, register
from tests.limits.calling import (
    CLIENT_WINDOWS,
    call_with,
    limit,
    make_key,
    passed_before_429,
    put_tier,
    reset,
)

_names = (f"tier-{number}" for number in itertools.count())
NONE = dict.fromkeys(TIER_LIMITS)
USERS = {"user_requests_per_minute": 60, "user_requests_per_hour": 1_000}
FREE = NONE | USERS | {"requests_per_minute": 10, "requests_per_hour": 100, "requests_per_day": 1_000}


def unused() -> str:
    """Return the name of a tier that there is not."""
    return next(_names)


def move(operator: Operator, tenant: Tenant, tier: str) -> httpx.Response:
    """Put a client on a tier."""
    return operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"tier": tier})


def of(answer: httpx.Response) -> dict[str, Any]:
    """Return the tiers of a list by name."""
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    return {tier["name"]: {key: tier[key] for key in ("source", "limits")} for tier in answer.json()["items"]}


def test_the_built_in_tiers_are_those_of_the_contract_and_each_credential_reads_them(
    api: httpx.Client, operator: Operator
) -> None:
    tenant = register(api, admin=True)
    credentials = [
        tenant.access_key,
        make_key(tenant)["api_key"],
        make_key(tenant, kind="publishable")["api_key"],
        tenant.sign_up().access_token,
        tenant.log_in_admin().access_token,
        operator.access_token,
    ]
    with settings.changed(tiers={}):
        found = [of(api.get("/api/v1/tiers", headers=bearer(credential))) for credential in credentials]
    assert found == [found[0]] * len(credentials)
    assert list(found[0])[:3] == list(BUILT_IN_TIERS) == list(BUILT_IN)
    assert TIER_LIMITS == LIMIT_NAMES  # what the setting TIERS may name is what a tier has
    assert found[0]["free"] == {"source": "built_in", "limits": FREE}
    pro = {"requests_per_minute": 50, "requests_per_hour": 1_000, "requests_per_day": 10_000}
    assert found[0]["pro"] == {"source": "built_in", "limits": NONE | USERS | pro}
    assert found[0]["enterprise"] == {"source": "built_in", "limits": NONE | USERS | {"requests_per_minute": 100}}
    assert api.get("/api/v1/tiers").status_code == 401


def test_ADM_01_only_an_operator_sets_a_tier(api: httpx.Client, operator: Operator) -> None:
    tenant, name = register(api, admin=True), next(_names)
    credentials = [tenant.access_key, tenant.sign_up().access_token, tenant.log_in_admin().access_token]
    credentials.append(make_key(tenant, kind="publishable")["api_key"])
    for credential in credentials:
        refused = api.put(f"/api/v1/tiers/{name}", json={"requests_per_minute": 1}, headers=bearer(credential))
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert api.put(f"/api/v1/tiers/{name}", json={}).status_code == 401
    assert name not in of(operator.platform_call("GET", "/tiers"))


def test_a_tier_is_set_whole_and_the_operators_log_says_so(operator: Operator) -> None:
    name = next(_names)
    assert put_tier(operator, name, requests_per_minute=5, requests_per_day=50).json() == {
        "name": name, "source": "operator",
        "limits": NONE | USERS | {"requests_per_minute": 5, "requests_per_day": 50},
    }  # fmt: skip
    changed = put_tier(operator, name, requests_per_hour=9, user_requests_per_minute=None)
    limits = NONE | {"requests_per_hour": 9, "user_requests_per_hour": 1_000}
    assert (changed.status_code, changed.json()["limits"]) == (200, limits)
    assert of(operator.platform_call("GET", "/tiers"))[name] == {"source": "operator", "limits": limits}
    rows = operator.call("GET", "/audit-logs", params={"action": "tier.update", "limit": "2"}).json()["items"]
    assert [row["detail"]["tier"] for row in rows] == [name, name]
    assert rows[0]["detail"] == {"tier": name, **limits}
    assert rows[0]["user_id"] == operator.user_id


@pytest.mark.parametrize(
    "limits",
    [
        {"requests_per_minute": 0},
        {"requests_per_minute": -1},
        {"requests_per_minute": True},
        {"requests_per_minute": "10"},
        {"requests_per_minute": 1.5},
        {"requests_per_minute": 10**9 + 1},
        {"requests_per_second": 5},
        {"source": "built_in"},
    ],
)
def test_IN_04_a_limit_that_cannot_be_is_refused(operator: Operator, limits: dict[str, Any]) -> None:
    name = next(_names)
    refused = put_tier(operator, name, **limits)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")
    assert list(refused.json()["errors"]) == list(limits)
    assert name not in of(operator.platform_call("GET", "/tiers"))


def test_IN_04_a_tier_whose_windows_are_not_named_is_refused_for_it_would_have_none(operator: Operator) -> None:
    name = next(_names)
    for left_out in CLIENT_WINDOWS:
        body = {named: 5 for named in CLIENT_WINDOWS if named != left_out}
        refused = operator.platform_call("PUT", f"/tiers/{name}", json=body)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, [left_out])
    refused = operator.platform_call("PUT", f"/tiers/{name}", json={})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, list(CLIENT_WINDOWS))
    assert name not in of(operator.platform_call("GET", "/tiers"))


@pytest.mark.parametrize("name", ["Gold", "a" * 33, "a b", "-gold", "gold-", "g%C3%B6ld", "a%00b", "'--"])
def test_IN_04_a_name_that_cannot_be_is_refused(operator: Operator, name: str) -> None:
    before = of(operator.platform_call("GET", "/tiers"))
    assert put_tier(operator, name, requests_per_minute=1).status_code in (404, 422)
    assert of(operator.platform_call("GET", "/tiers")) == before


def test_RL_05_a_changed_tier_binds_on_the_very_next_call_in_both_directions(
    tenant: Tenant, operator: Operator
) -> None:
    name, person = next(_names), tenant.sign_up()
    put_tier(operator, name, requests_per_minute=2, user_requests_per_minute=1)
    assert move(operator, tenant, name).json()["tier"] == name
    assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 2
    assert passed_before_429(lambda: person.call("GET", "/me")) == 1
    put_tier(operator, name, requests_per_minute=5, user_requests_per_minute=3)
    assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 3
    assert passed_before_429(lambda: person.call("GET", "/me")) == 2
    put_tier(operator, name, requests_per_minute=1)
    assert call_with(tenant, tenant.access_key).status_code == 429
    put_tier(operator, name, user_requests_per_minute=None, user_requests_per_hour=None)
    assert [call_with(tenant, tenant.access_key).status_code for _ in range(10)] == [200] * 10
    assert [person.call("GET", "/me").status_code for _ in range(10)] == [200] * 10


def test_RL_05_an_override_stands_over_the_tier_until_it_is_taken_back(tenant: Tenant, operator: Operator) -> None:
    name = next(_names)
    put_tier(operator, name, requests_per_minute=2)
    move(operator, tenant, name)
    limit(operator, tenant, requests_per_minute=4)
    assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 4
    limit(operator, tenant, requests_per_minute=None)
    assert [call_with(tenant, tenant.access_key).status_code for _ in range(6)] == [200] * 6
    limit(operator, tenant)
    assert call_with(tenant, tenant.access_key).status_code == 429


def test_an_unknown_tier_is_refused_by_name(tenant: Tenant, operator: Operator) -> None:
    refused = move(operator, tenant, "no-such-tier")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["tier"])
    assert "enterprise" in refused.json()["errors"]["tier"][0]
    shown = operator.platform_call("GET", f"/clients/{tenant.client_id}").json()
    assert shown["tier"] == "free"


def test_a_new_client_gets_the_default_tier_and_the_setting_TIERS_binds_at_once(
    api: httpx.Client, operator: Operator
) -> None:
    own = {"gold": {"requests_per_minute": 3}, "free": {"requests_per_minute": 1, "user_requests_per_hour": None}}
    with settings.changed(tiers=own, default_tier="gold"):
        tenant = register(api)
        assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 3
        shown = operator.platform_call("GET", f"/clients/{tenant.client_id}").json()
        listed = of(operator.platform_call("GET", "/tiers"))
    assert shown["tier"] == "gold"
    assert listed["gold"] == {"source": "setting", "limits": NONE | USERS | {"requests_per_minute": 3}}
    limits = NONE | {"requests_per_minute": 1, "user_requests_per_minute": 60}
    assert listed["free"] == {"source": "setting", "limits": limits}
    with settings.changed(tiers={}, default_tier="free"):
        # The tier is gone from the settings: its clients count as those of the default tier.
        reset(operator, tenant)
        assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 10
