"""The window of POST /keys/verify itself, beside those of the keys that are verified."""

from tests.factories import Operator, Tenant
from tests.limits.calling import limit, make_key, structured, verify


def test_RL_05_checks_of_a_key_whose_own_window_is_full_count_in_the_verify_window(
    tenant: Tenant, operator: Operator
) -> None:
    key = make_key(tenant, rate_limit={"requests_per_day": 1})["api_key"]
    limit(operator, tenant, verify_requests_per_minute=4)
    met = [verify(tenant, key) for _ in range(6)]
    assert [answer.status_code for answer in met] == [200] * 4 + [429] * 2
    assert [answer.json()["code"] for answer in met] == [None, *["rate_limited"] * 5]
    windows = tenant.call("GET", "/rate-limit-status").json()["windows"]
    assert [one["remaining"] for one in windows if one["name"] == "verify_requests_per_minute"] == [0]


def test_RL_06_a_refusal_of_the_verify_window_tells_its_wait_and_not_the_keys(
    tenant: Tenant, operator: Operator
) -> None:
    key = make_key(tenant, rate_limit={"requests_per_day": 1})["api_key"]
    limit(operator, tenant, verify_requests_per_minute=3)
    # The key waits for a day; what is told of the verify window is right although the key's is full.
    assert verify(tenant, key).json()["code"] is None
    answers = [verify(tenant, key) for _ in range(2)]
    assert [answer.json()["code"] for answer in answers] == ["rate_limited"] * 2
    for _ in range(2):
        refused = verify(tenant, key)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        assert "verify_requests_per_minute" in refused.json()["detail"]
        assert [name for name, _ in structured(refused.headers["ratelimit-policy"])] == ["verify_requests_per_minute"]
        assert structured(refused.headers["ratelimit"])[0][1]["r"] == 0
