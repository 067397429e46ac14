"""Redis cut off, too slow or emptied under load: no fault, no long wait, and what must be exact stays exact (R-04)."""

import time
from collections.abc import Iterator

import httpx
import pytest
import redis
from flask import Flask

from tests import servers
from tests.database import rows, uuid_text
from tests.factories import PASSWORD, Operator, Tenant, bearer, fresh_email, register
from tests.limits.callers import Call, Load, connection, load, outcome_of, over_connections, using, verifying
from tests.limits.calling import limit, make_key
from tests.limits.redis_relay import RedisRelay, redis_relay
from tests.servers import RunningServer

ADDED_SECONDS = 0.4  # 0.1 on a quiet machine
SIGNUPS = 20


@pytest.fixture(scope="module")
def relay(redis_url: str) -> Iterator[RedisRelay]:
    """What stands between the server and Redis."""
    with redis_relay(redis_url) as running:
        yield running


@pytest.fixture(scope="module")
def shaken(app: Flask, environment: dict[str, str], relay: RedisRelay) -> Iterator[RunningServer]:
    """Two workers that reach Redis through the relay."""
    own = {"REDIS_URL": relay.url, "SIGNUP_LIMIT": f"{SIGNUPS} per hour"}
    with servers.rowlock_server(environment | own, workers=2, threads=8) as running:
        yield running


@pytest.fixture
def tenant(shaken: RunningServer, relay: RedisRelay) -> Iterator[Tenant]:
    """A client that calls that server."""
    with connection(shaken.base_url) as api:
        yield register(api)
        relay.let_through()
        _wait_until_shared(api)


def _wait_until_shared(api: httpx.Client) -> None:
    deadline = time.monotonic() + 5
    while api.get("/readyz").json()["status"] != "ok":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def logging_in(key: str, path: str, email: str) -> Call:
    """Return a login, which counts against its address."""
    body = {"email": email, "password": PASSWORD}
    return lambda client: client.post(f"{path}/login", json=body, headers=bearer(key))


def everyday(tenant: Tenant) -> list[Call]:
    """Return the calls of an ordinary load: by keys, by a user, of /keys/verify and a login."""
    key, public = make_key(tenant)["api_key"], make_key(tenant, kind="publishable")["api_key"]
    person = tenant.sign_up()

    def me(client: httpx.Client) -> httpx.Response:
        return client.get(f"{tenant.path}/me", headers=bearer(person.access_token))

    # Somebody else logs in: the fifty-first session of a user ends the first.
    return [using(tenant, key), verifying(tenant, key), me, logging_in(public, tenant.path, tenant.sign_up().email)]


def under(base_url: str, calls: list[Call], seconds: float) -> Load:
    """Return what callers met within some seconds."""
    with load(base_url, *calls, pause=0.005) as met:
        time.sleep(seconds)
    return met


def test_R_04_without_Redis_nothing_fails_and_nobody_waits_long(
    shaken: RunningServer, relay: RedisRelay, tenant: Tenant, redis_url: str
) -> None:
    calls = everyday(tenant)
    under(shaken.base_url, calls, 0.3)
    usual = under(shaken.base_url, calls, 1.0)
    troubled = {}
    for name, begin in (("cut", relay.cut), ("slow", relay.stop), ("emptied", lambda: None)):
        with load(shaken.base_url, *calls, pause=0.005) as troubled[name]:
            time.sleep(0.2)
            begin()
            ends = time.monotonic() + 1.0
            while time.monotonic() < ends:
                time.sleep(0.01)
                if name == "emptied":
                    with redis.Redis.from_url(redis_url) as emptied:
                        emptied.flushall()
        if name != "emptied":
            ready = tenant.api.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert ready.json()["checks"]["redis"] == "degraded"
            assert tenant.api.get("/healthz").json() == {"status": "ok"}
        relay.let_through()
        _wait_until_shared(tenant.api)
    for name, met in troubled.items():
        assert set(met.outcomes) <= {"200", "valid"}, (name, met.outcomes)
        added = met.slowest_but_one_in_a_hundred() - usual.slowest_but_one_in_a_hundred()
        assert added <= ADDED_SECONDS, (name, added)


def test_R_04_KEY_06_quotas_and_lockouts_stay_exact_while_Redis_is_away(
    shaken: RunningServer, relay: RedisRelay, tenant: Tenant, database_url: str, redis_url: str
) -> None:
    made, email = make_key(tenant, usage_limit=60), fresh_email()
    tenant.sign_up(email)
    wrong = {"email": email, "password": "not the password"}

    def guess(client: httpx.Client) -> httpx.Response:
        return client.post(f"{tenant.path}/login", json=wrong, headers=bearer(tenant.access_key))

    assert over_connections(shaken.base_url, verifying(tenant, made["api_key"]), each=1) == {"valid": 16}
    relay.cut()
    met = over_connections(shaken.base_url, verifying(tenant, made["api_key"]), each=6)
    assert met == {"valid": 44, "quota_exceeded": 52}
    guesses = over_connections(shaken.base_url, guess, connections=20)
    assert (guesses["401"] <= 5, guesses["401"] + guesses["423"]) == (True, 20)
    with redis.Redis.from_url(redis_url) as emptied:
        emptied.flushall()
    relay.let_through()
    _wait_until_shared(tenant.api)
    assert over_connections(shaken.base_url, verifying(tenant, made["api_key"])) == {"quota_exceeded": 16}
    assert over_connections(shaken.base_url, guess, connections=4).keys() <= {"423", "401"}
    query = "SELECT usage_count FROM keys WHERE key_id = :key"
    assert rows(database_url, query, key=uuid_text(database_url, made["key_id"])) == [{"usage_count": 60}]


def test_R_04_limits_go_on_without_Redis_and_are_shared_again_within_five_seconds(
    shaken: RunningServer, relay: RedisRelay, tenant: Tenant, operator: Operator
) -> None:
    public, calls = make_key(tenant, kind="publishable")["api_key"], using(tenant, tenant.access_key)
    unlimited = register(tenant.api)
    limit(operator, tenant, requests_per_minute=20)

    def sign_up(client: httpx.Client) -> httpx.Response:
        body = {"email": fresh_email(), "password": PASSWORD}
        return client.post(f"{tenant.path}/signup", json=body, headers=bearer(public))

    relay.cut()
    try:
        met = over_connections(shaken.base_url, calls, connections=20, each=5)
        assert met.keys() == {"200", "429"}
        assert 20 <= met["200"] <= 40, "at most one window for each worker"
        signed_up = over_connections(shaken.base_url, sign_up, connections=20, each=2)
        assert signed_up.keys() == {"201", "429"}
        assert SIGNUPS // 2 <= signed_up["201"] <= SIGNUPS, "each worker lets its share of the limit through"
    finally:
        relay.let_through()
    by_others = using(unlimited, unlimited.access_key)
    for _ in range(15):  # a little traffic, on which each worker tries Redis again
        over_connections(shaken.base_url, by_others, connections=8)
        time.sleep(0.2)
    met = over_connections(shaken.base_url, calls, connections=8, each=10)
    # A call from the moment of the cut may have reached Redis, and counts there though its worker went on without.
    assert met["200"] + met["429"] == 80
    assert 1 <= met["200"] <= 20
    assert outcome_of(tenant.api.get("/readyz")) == "200"


def test_RL_05_a_reset_binds_at_once_though_Redis_is_away(
    shaken: RunningServer, relay: RedisRelay, tenant: Tenant, operator: Operator
) -> None:
    limit(operator, tenant, requests_per_hour=4)
    relay.cut()
    calls = using(tenant, tenant.access_key)
    assert over_connections(shaken.base_url, calls, connections=16, each=2)["200"] <= 8
    assert over_connections(shaken.base_url, calls)["200"] == 0
    answer = operator.platform_call("POST", f"/clients/{tenant.client_id}/limits/reset")
    assert answer.status_code == 204
    assert over_connections(shaken.base_url, calls)["200"] >= 4
