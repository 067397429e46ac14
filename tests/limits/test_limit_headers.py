"""What answers tell of the windows they counted in, and that it is true."""

import math
import re
import time
from datetime import UTC, datetime
from typing import Never

import httpx
import pytest

from app.core import settings
from app.core.redis_link import OutOfReach
from app.limits import windows
from app.limits.memory import MemoryWindows
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email
from tests.limits.calling import call_with, limit, log_in_with, make_key, structured, unknown_key, verify

NAMES = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-policy", "ratelimit")
JSON = {"Content-Type": "application/json"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Clock:
    """Time of the windows, which a test moves on."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of this process's windows, in which all calls count meanwhile."""
    moved = Clock()

    def unreachable(*_: object) -> Never:
        raise OutOfReach()

    monkeypatch.setattr(windows, "_count_in_redis", unreachable)
    monkeypatch.setattr(windows, "_memory", MemoryWindows(moved))
    return moved


def headers_of(answer: httpx.Response) -> tuple[str, int, int, int, int]:
    """Check all headers against each other; return name, limit, remaining, seconds to the reset and window."""
    assert all(name in answer.headers for name in NAMES), (answer.status_code, dict(answer.headers))
    policies = dict(structured(answer.headers["ratelimit-policy"]))
    assert all(set(one) == {"q", "w"} and one["q"] > 0 and one["w"] > 0 for one in policies.values())
    ((name, left),) = structured(answer.headers["ratelimit"])
    assert set(left) == {"r", "t"}
    assert (left["r"] >= 0, 0 <= left["t"] <= policies[name]["w"] + 15) == (True, True)
    assert answer.headers["x-ratelimit-limit"] == str(policies[name]["q"])
    assert answer.headers["x-ratelimit-remaining"] == str(left["r"])
    reset = answer.headers["x-ratelimit-reset"]
    assert _MOMENT.fullmatch(reset)
    seconds = (datetime.fromisoformat(reset) - datetime.now(UTC)).total_seconds()
    assert abs(seconds - left["t"]) <= 2
    return name, policies[name]["q"], left["r"], left["t"], policies[name]["w"]


def test_RL_06_every_counted_answer_tells_what_is_left_whatever_became_of_the_call(
    tenant: Tenant, other: Tenant, operator: Operator
) -> None:
    plain = make_key(tenant)["api_key"]
    limit(operator, tenant, requests_per_minute=8)
    ours, headers = tenant.path, bearer(tenant.access_key)
    answers = [
        tenant.api.get(f"{ours}/keys", headers=headers),
        tenant.api.get(f"{ours}/keys", headers=bearer(plain)),  # may not
        tenant.api.get(f"{other.path}/keys", headers=headers),
        tenant.api.get(f"{ours}/keys/{tenant.client_id}", headers=headers),
        tenant.api.get(f"{ours}/keys?limit=0", headers=headers),
        tenant.api.post(f"{ours}/keys", headers=headers, json={"name": 7}),
        tenant.api.post(f"{ours}/keys", headers=headers | JSON, content=b"{"),
        tenant.api.post(f"{ours}/keys", headers=headers, data={"name": "form"}),
        tenant.api.get(f"{ours}/keys", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [200, 403, 404, 404, 422, 422, 400, 415, 429]
    told = [headers_of(answer) for answer in answers]
    assert [one[:3] for one in told] == [("requests_per_minute", 8, left) for left in (7, 6, 5, 4, 3, 2, 1, 0, 0)]
    assert all(seconds <= 61 for _, _, _, seconds, _ in told)


def test_RL_06_the_headers_are_of_the_window_nearest_to_its_end_and_the_policy_of_all(
    tenant: Tenant, operator: Operator
) -> None:
    key = make_key(tenant, rate_limit={"requests_per_minute": 4, "requests_per_day": 5})["api_key"]
    limit(operator, tenant, requests_per_minute=10, requests_per_hour=20, requests_per_day=1000)
    answer = call_with(tenant, key)
    assert headers_of(answer)[:3] == ("key_requests_per_minute", 4, 3)
    assert structured(answer.headers["ratelimit-policy"]) == [
        ("requests_per_minute", {"q": 10, "w": 60}),
        ("requests_per_hour", {"q": 20, "w": 3600}),
        ("requests_per_day", {"q": 1000, "w": 86400}),
        ("key_requests_per_minute", {"q": 4, "w": 60}),
        ("key_requests_per_day", {"q": 5, "w": 86400}),
    ]


def test_RL_06_users_verifications_and_open_calls_tell_it_too(tenant: Tenant, operator: Operator) -> None:
    person, public = tenant.sign_up(), make_key(tenant, kind="publishable")["api_key"]
    target = make_key(tenant, rate_limit={"requests_per_hour": 5})["api_key"]
    limit(operator, tenant, user_requests_per_minute=6, user_requests_per_hour=600, verify_requests_per_minute=50)
    assert headers_of(person.call("GET", "/me"))[:3] == ("user_requests_per_minute", 6, 5)
    assert headers_of(person.call("GET", "/keys/nothing"))[:3] == ("user_requests_per_minute", 6, 4)
    verified = verify(tenant, target)
    assert headers_of(verified)[:3] == ("key_requests_per_hour", 5, 4)
    assert {name for name, _ in structured(verified.headers["ratelimit-policy"])} == {
        "key_requests_per_hour", "verify_requests_per_minute",
    }  # fmt: skip
    assert headers_of(verify(tenant, unknown_key()))[:3] == ("verify_requests_per_minute", 50, 48)
    with settings.changed(login_limit="7 per minute"):
        assert headers_of(log_in_with(tenant, public))[0] == "address_per_minute"


def test_RL_06_answers_that_counted_nowhere_tell_nothing(tenant: Tenant) -> None:
    for answer in (
        tenant.api.get("/healthz"),
        tenant.api.get(f"{tenant.path}/keys"),
        tenant.api.get(f"{tenant.path}/keys", headers=bearer(unknown_key())),
        tenant.call("GET", "/keys"),  # in no window: this tier has none
    ):
        assert not [name for name in (*NAMES, "retry-after") if name in answer.headers]


@pytest.mark.parametrize(
    ("who", "window"),
    [("client", "minute"), ("client", "hour"), ("client", "day"), ("user", "minute"), ("user", "hour")],
)
def test_RL_06_a_call_right_after_Retry_After_passes_and_one_a_second_earlier_does_not(
    tenant: Tenant, operator: Operator, clock: Clock, who: str, window: str
) -> None:
    person = tenant.sign_up()
    limit(operator, tenant, **{f"{'user_' if who == 'user' else ''}requests_per_{window}": 3})

    def call() -> httpx.Response:
        return person.call("GET", "/me") if who == "user" else call_with(tenant, tenant.access_key)

    for _ in range(3):
        assert call().status_code == 200
        clock.now += 20  # past the slice in which calls of a day leave together
    for _ in range(3):
        refused = call()
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        wait = int(refused.headers["retry-after"])
        assert wait >= 1
        assert math.isclose(wait, headers_of(refused)[3], abs_tol=1)
        clock.now += wait - 1.001
        early = call()
        assert early.status_code == 429
        assert 1 <= int(early.headers["retry-after"]) <= 2
        clock.now += 1.001
        assert call().status_code == 200
        clock.now += 0.25


def test_RL_06_where_several_windows_are_full_Retry_After_is_the_longest_wait(
    tenant: Tenant, operator: Operator, clock: Clock
) -> None:
    limit(operator, tenant, requests_per_minute=2, requests_per_hour=2)
    assert [call_with(tenant, tenant.access_key).status_code for _ in range(2)] == [200, 200]
    wait = int(call_with(tenant, tenant.access_key).headers["retry-after"])
    assert 3600 <= wait <= 3602
    clock.now += 70
    assert call_with(tenant, tenant.access_key).status_code == 429
    clock.now += wait - 70
    assert call_with(tenant, tenant.access_key).status_code == 200


def test_RL_06_a_spent_quota_says_to_stay_away_and_a_locked_account_for_how_long(tenant: Tenant) -> None:
    key = make_key(tenant, usage_limit=1)["api_key"]
    assert [call_with(tenant, key).status_code for _ in range(2)] == [200, 429]
    spent = call_with(tenant, key)
    assert (spent.json()["code"], spent.headers["retry-after"]) == ("quota_exceeded", "86400")
    email = fresh_email()
    tenant.sign_up(email)
    answers = [tenant.call("POST", "/login", json={"email": email, "password": "wrong"}) for _ in range(7)]
    locked = answers[-1]
    assert locked.status_code == 423
    assert int(locked.headers["retry-after"]) >= 1
    time.sleep(int(locked.headers["retry-after"]))
    assert tenant.call("POST", "/login", json={"email": email, "password": PASSWORD}).status_code == 200
