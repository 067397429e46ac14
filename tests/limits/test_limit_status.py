"""How a client stands against its limits, and the operator's reset."""

import httpx

from tests.factories import Operator, Tenant, bearer, register
from tests.limits.calling import call_with, limit, make_key, passed_before_429, put_tier, reset, structured, verify
from tests.limits.test_tiers import move, unused


def test_the_status_tells_tier_windows_overrides_and_refusals_and_counts_nothing_of_its_own_reading(
    api: httpx.Client, operator: Operator
) -> None:
    tenant = register(api, admin=True)
    admin, name = tenant.log_in_admin(), unused()
    put_tier(operator, name, requests_per_minute=4, requests_per_day=100, verify_requests_per_minute=7)
    move(operator, tenant, name)
    limit(operator, tenant, requests_per_day=50, user_requests_per_minute=None)
    verify(tenant, "nonsense")
    assert passed_before_429(lambda: tenant.call("GET", "/keys")) == 4
    read = [
        admin.call("GET", "/rate-limit-status"),
        api.get(f"{tenant.path}/rate-limit-status", headers=bearer(operator.access_token)),
    ]
    assert [answer.status_code for answer in read] == [200, 200]
    shown, again = read[0].json(), read[1].json()
    assert [one["remaining"] for one in again["windows"]] == [one["remaining"] for one in shown["windows"]]
    assert {**shown, "windows": []} == {**again, "windows": []}
    windows = {window.pop("name"): window for window in shown["windows"]}
    assert {name: (one["limit"], one["seconds"], one["remaining"]) for name, one in windows.items()} == {
        "requests_per_minute": (4, 60, 0),
        "requests_per_day": (50, 86_400, 46),
        "verify_requests_per_minute": (7, 60, 6),
    }
    assert all(one["reset_at"].endswith("Z") for one in windows.values())
    assert (shown["tier"], shown["overrides"]) == (name, {"requests_per_day": 50, "user_requests_per_minute": None})
    assert shown["limits"]["requests_per_day"] == {"value": 50, "source": "client"}
    assert shown["limits"]["requests_per_minute"] == {"value": 4, "source": "tier"}
    assert len(shown["refusals_per_hour"]) == 24
    assert shown["refusals_per_hour"][-1]["refusals"] + shown["refusals_per_hour"][-2]["refusals"] == 1


def test_ADM_01_the_status_is_for_the_client_its_admins_and_operators(
    api: httpx.Client, tenant: Tenant, other: Tenant
) -> None:
    public = make_key(tenant, kind="publishable")["api_key"]
    for credential in (tenant.sign_up().access_token, public):
        refused = api.get(f"{tenant.path}/rate-limit-status", headers=bearer(credential))
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    stranger = api.get(f"{tenant.path}/rate-limit-status", headers=bearer(other.access_key))
    assert (stranger.status_code, stranger.json()["code"]) == (404, "client_not_found")
    assert api.get(f"{tenant.path}/rate-limit-status").status_code == 401
    assert call_with(tenant, make_key(tenant)["api_key"]).status_code == 200


def test_a_reset_gives_client_keys_users_and_verifications_fresh_windows_and_is_audited(
    tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    key = make_key(tenant, rate_limit={"requests_per_day": 2})["api_key"]
    limit(operator, tenant, requests_per_day=4, user_requests_per_hour=2, verify_requests_per_minute=2)

    def use_up() -> list[int]:
        return [
            passed_before_429(lambda: call_with(tenant, key)),
            passed_before_429(lambda: call_with(tenant, tenant.access_key)),
            passed_before_429(lambda: person.call("GET", "/me")),
            passed_before_429(lambda: verify(tenant, "nonsense")),
        ]

    assert use_up() == [2, 2, 2, 2]
    assert use_up() == [0, 0, 0, 0]
    reset(operator, tenant)
    left = structured(call_with(tenant, key).headers["ratelimit"])
    assert left[0][1]["r"] == 1
    assert use_up() == [1, 2, 2, 2]
    reset(operator, tenant)
    rows = tenant.audit(action="limits.reset")
    assert [(row["status"], row["user_id"], row["detail"]) for row in rows] == [
        ("success", operator.user_id, {"by": "operator"})
    ] * 2


def test_ADM_01_only_a_fresh_operator_resets(api: httpx.Client, operator: Operator) -> None:
    tenant = register(api, admin=True)
    path = f"/api/v1/clients/{tenant.client_id}/limits/reset"
    for credential in (tenant.access_key, tenant.log_in_admin().access_token):
        assert api.post(path, headers=bearer(credential)).status_code == 403
    assert api.post(path).status_code == 401
    unknown = operator.platform_call("POST", f"/clients/{operator.user_id}/limits/reset")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "client_not_found")
    assert tenant.audit(action="limits.reset") == []
