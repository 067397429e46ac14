"""Limits over two workers: counted together, and changed for both at once."""

import uuid

import httpx
import pytest

from tests.factories import Operator, Person, Tenant, bearer, register
from tests.limits.callers import Call, over_connections, using, verifying
from tests.limits.calling import limit, make_key, put_tier, reset
from tests.servers import RunningServer

WIDE = 50


@pytest.fixture
def tenant(live: httpx.Client) -> Tenant:
    """A client that calls the real server."""
    return register(live)


def reading_me(person: Person) -> Call:
    """Return a call of a user."""
    return lambda client: client.get(f"{person.path}/me", headers=bearer(person.access_token))


def test_RL_05_a_limit_of_a_hundred_over_two_workers_lets_exactly_a_hundred_through(
    server: RunningServer, tenant: Tenant, operator: Operator
) -> None:
    person = tenant.sign_up()
    key = make_key(tenant, rate_limit={"requests_per_hour": 100})["api_key"]
    limits = {"requests_per_minute": 100, "user_requests_per_hour": 100}
    limit(operator, tenant, **limits, requests_per_day=None, verify_requests_per_minute=None)
    met = over_connections(server.base_url, using(tenant, tenant.access_key), connections=WIDE, each=4)
    assert met == {"200": 100, "429": 100}
    met = over_connections(server.base_url, reading_me(person), connections=WIDE, each=3)
    assert met == {"200": 100, "429": 50}
    met = over_connections(server.base_url, verifying(tenant, key), connections=WIDE, each=3)
    assert met == {"valid": 100, "rate_limited": 50}


def test_RL_05_changed_limits_a_changed_tier_and_a_reset_bind_at_once_on_both_workers(
    server: RunningServer, tenant: Tenant, operator: Operator
) -> None:
    tier, calls = f"shared-{uuid.uuid4().hex[:6]}", using(tenant, tenant.access_key)

    def passed() -> int:
        return over_connections(server.base_url, calls, connections=16, each=2)["200"]

    assert passed() == 32
    limit(operator, tenant, requests_per_hour=40)
    assert passed() == 32, "nothing was counted as long as there was no window"
    assert passed() == 8
    put_tier(operator, tier, requests_per_minute=5)
    limit(operator, tenant)
    operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"tier": tier})
    assert passed() == 5
    put_tier(operator, tier, requests_per_minute=7)
    assert passed() == 2
    put_tier(operator, tier, requests_per_minute=3)
    assert passed() == 0
    reset(operator, tenant)
    assert passed() == 3
