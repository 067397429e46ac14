"""KEY-06, R-14: a quota is exact under any concurrency; counts of uses are written in time and outlive the process."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from app.core import clock
from tests import database, servers
from tests.concurrency import at_once
from tests.factories import Tenant, register
from tests.keys.making import make, through, verify

LIMIT, CALLS, WIDTH = 100, 500, 50
Call = Callable[[str], bool]
"""Uses a key; returns whether it was accepted."""


def use_counted(url: str, made: dict[str, Any]) -> int:
    """Return how often the database says that a key was used."""
    key_id = database.uuid_text(url, made["key_id"])
    (row,) = database.rows(url, "SELECT usage_count FROM keys WHERE key_id = :k", k=key_id)
    return int(row["usage_count"])


def verified(tenant: Tenant) -> Call:
    return lambda key: verify(tenant, key)["code"] != "quota_exceeded"


def used(tenant: Tenant) -> Call:
    def call(key: str) -> bool:
        answer = through(tenant, key, "GET", "/rate-limit-status")
        if answer.status_code == 429:
            assert answer.json()["code"] == "quota_exceeded"
            assert int(answer.headers["retry-after"]) >= 1
            return False
        assert answer.status_code == 200, answer.text
        return True

    return call


@pytest.fixture
def wide(server: servers.RunningServer) -> Iterator[httpx.Client]:
    """A client of the real server for many threads; one that keeps fewer connections than it has threads closes some
    that another thread has just been given.
    """
    limits = httpx.Limits(max_connections=WIDTH, max_keepalive_connections=WIDTH)
    with httpx.Client(base_url=server.base_url, timeout=30, limits=limits) as client:
        yield client


@pytest.mark.parametrize("way", [verified, used], ids=["verify", "credential"])
def test_KEY_06_of_500_calls_over_two_workers_exactly_100_pass(
    wide: httpx.Client, database_url: str, way: Callable[[Tenant], Call]
) -> None:
    tenant = register(wide)
    made, call = make(tenant, scopes=["read"], usage_limit=LIMIT), way(tenant)
    accepted = at_once(WIDTH, lambda _: [call(made["api_key"]) for _ in range(CALLS // WIDTH)])
    assert Counter(itertools.chain(*accepted)) == {True: LIMIT, False: CALLS - LIMIT}
    assert use_counted(database_url, made) == LIMIT
    shown = tenant.call("GET", f"/keys/{made['key_id']}/usage").json()
    assert (shown["usage_count"], shown["remaining"]) == (LIMIT, 0)


def test_KEY_06_rotating_in_a_flood_keeps_the_total_exact(wide: httpx.Client, database_url: str) -> None:
    tenant = register(wide)
    keys, accepted = [make(tenant, usage_limit=LIMIT)], []

    def act(number: int) -> None:
        if number == 0:
            for _ in range(4):
                path = f"/keys/{keys[-1]['key_id']}/rotate"
                answer = tenant.call("POST", path, json={"grace_seconds": 3600})
                assert answer.status_code == 201, answer.text
                keys.append(answer.json())
            return
        for turn in range(12):
            key = keys[turn * number % len(keys)]["api_key"]
            accepted.append(verify(tenant, key)["valid"])

    at_once(21, act)
    assert Counter(accepted) == {True: LIMIT, False: 20 * 12 - LIMIT}
    assert use_counted(database_url, keys[-1]) == LIMIT
    assert [verify(tenant, key["api_key"])["code"] for key in keys] == ["quota_exceeded"] * len(keys)


def test_KEY_06_kill_9_in_a_flood_loses_no_use_and_SIGTERM_loses_no_count(
    app: object, environment: dict[str, str], redis_url: str, database_url: str
) -> None:
    settings = environment | {"REDIS_URL": redis_url, "PUBLIC_URL": "http://localhost:8000"}
    with servers.rowlock_server(settings, workers=2, threads=8) as server:
        with httpx.Client(base_url=server.base_url, timeout=30) as api:
            tenant = register(api)
            made = [make(tenant, usage_limit=10**6) for _ in range(2)]
        sent, acknowledged = flood(server, tenant, made)
        server.start_again()
        for key, one in zip(made, (0, 1), strict=True):
            assert 0 < acknowledged[one] <= use_counted(database_url, key) <= sent[one]
        with httpx.Client(base_url=server.base_url, timeout=30) as api:
            tenant.api = api
            counts_are_kept(server, tenant, database_url)


def flood(
    server: servers.RunningServer, tenant: Tenant, made: list[dict[str, Any]]
) -> tuple[Counter[int], Counter[int]]:
    """Use two keys, one in each way, until the server is killed; return how often each was sent and accepted."""
    sent, acknowledged, lock, working = Counter[int](), Counter[int](), threading.Lock(), threading.Event()

    def act(number: int) -> None:
        if number == 0:
            working.wait(20)
            time.sleep(0.1)
            server.kill9()
            return
        with httpx.Client(base_url=server.base_url, timeout=5) as api:
            own = Tenant(api, tenant.client_id, tenant.access_key, tenant.slug, tenant.name)
            which = number % 2
            call = (verified, used)[which](own)
            try:
                while True:
                    with lock:
                        sent[which] += 1
                    assert call(made[which]["api_key"])
                    with lock:
                        acknowledged[which] += 1
                        if min(acknowledged[0], acknowledged[1]) >= 20:
                            working.set()
            except httpx.TransportError:
                return

    at_once(13, act)
    return sent, acknowledged


def counts_are_kept(server: servers.RunningServer, tenant: Tenant, url: str) -> None:
    """Use a key without a quota: its count is at most five seconds behind, and none is lost when the server stops."""
    made, began = make(tenant), clock.now()
    assert all(verified(tenant)(made["api_key"]) for _ in range(10))
    assert all(used(tenant)(made["api_key"]) for _ in range(10))
    deadline = time.monotonic() + 5
    while use_counted(url, made) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert use_counted(url, made) == 20
    shown = tenant.call("GET", f"/keys/{made['key_id']}").json()
    assert began <= datetime.fromisoformat(shown["last_used_at"]) <= clock.now()
    at_once(7, lambda _: used(tenant)(made["api_key"]))
    assert server.stop() == 0
    assert use_counted(url, made) == 27
    key_id = database.uuid_text(url, made["key_id"])
    series = database.rows(
        url, "SELECT period, sum(requests) AS n FROM rate_limit_usage WHERE key_id = :k GROUP BY period", k=key_id
    )
    assert {row["period"]: int(row["n"]) for row in series} == {"hour": 27, "day": 27}
