"""No process serves a key as it was before a change that has been acknowledged: not cut off from Redis, not after a
crash, not when Redis forgets everything or comes back with what it had forgotten.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from flask import Flask

from tests import servers
from tests.concurrency import at_once
from tests.database import rows, uuid_text
from tests.factories import Operator, Tenant, bearer, register
from tests.limits.callers import connection, load, outcome_of, over_connections, using, verifying
from tests.limits.calling import make_key
from tests.limits.redis_relay import RedisRelay, redis_relay
from tests.servers import RunningServer

CRASHES = int(os.environ.get("CRASHES", "3"))
REFUSED = {"401", "revoked"}


def pair_of_calls(tenant: Tenant, key: str) -> tuple[Callable[[httpx.Client], httpx.Response], ...]:
    """Return the two ways in which a key is checked: as a credential and by /keys/verify."""
    return using(tenant, key), verifying(tenant, key)


def warm(base_url: str, tenant: Tenant, key: str, *, connections: int = 2) -> None:
    """Have every worker remember a key."""
    for call in pair_of_calls(tenant, key):
        assert set(over_connections(base_url, call, connections=connections)) <= {"200", "valid"}


def revoke(api: httpx.Client, tenant: Tenant, made: dict[str, str]) -> httpx.Response:
    """Revoke a key."""
    path = f"{tenant.path}/keys/{made['key_id']}/revoke"
    return api.post(path, headers=bearer(tenant.access_key), timeout=30)


def test_KEY_05_after_a_revoke_not_one_of_a_thousand_checks_is_accepted(
    server: RunningServer, live: httpx.Client
) -> None:
    tenant = register(live)
    made = make_key(tenant, scopes=["keys:verify"])
    warm(server.base_url, tenant, made["api_key"], connections=12)
    by_itself, verified = pair_of_calls(tenant, made["api_key"])
    with load(server.base_url, by_itself, verified, by_itself, verified) as meanwhile:
        while not meanwhile.outcomes.keys() >= {"200", "valid"}:
            time.sleep(0.01)
        assert revoke(live, tenant, made).status_code == 200
        acknowledged = time.monotonic()
        met = over_connections(server.base_url, by_itself, connections=20, each=25)
        met += over_connections(server.base_url, verified, connections=20, each=25)
    assert met == {"401": 500, "revoked": 500}
    assert set(meanwhile.begun_after(acknowledged)) <= REFUSED


@pytest.fixture(scope="module")
def apart(
    app: Flask, environment: dict[str, str], redis_url: str
) -> Iterator[tuple[RunningServer, RunningServer, RedisRelay]]:
    """Two servers of one worker each on one database; the second reaches Redis through a relay."""
    with (
        redis_relay(redis_url) as relay,
        servers.rowlock_server(environment | {"REDIS_URL": redis_url}, threads=8) as first,
        servers.rowlock_server(environment | {"REDIS_URL": relay.url}, threads=8) as second,
    ):
        yield first, second, relay


def test_KEY_05_what_one_process_changes_without_Redis_binds_at_once_on_one_that_has_it(
    apart: tuple[RunningServer, RunningServer, RedisRelay], operator: Operator
) -> None:
    first, second, relay = apart
    with connection(first.base_url) as one, connection(second.base_url) as other:
        tenants = [register(one) for _ in range(4)]
        keys = [make_key(tenant, scopes=["decay"]) for tenant in tenants]
        for base_url in (first.base_url, second.base_url):
            for tenant, made in zip(tenants, keys, strict=True):
                warm(base_url, tenant, made["api_key"])
        relay.cut()
        changes = [
            ("POST", f"{tenants[0].path}/keys/{keys[0]['key_id']}/revoke", {}, tenants[0].access_key),
            ("PATCH", f"{tenants[1].path}/keys/{keys[1]['key_id']}", {"scopes": []}, tenants[1].access_key),
            ("PATCH", f"/api/v1/clients/{tenants[2].client_id}", {"status": "suspended"}, operator.access_token),
            ("DELETE", f"{tenants[3].path}/keys/{keys[3]['key_id']}", None, tenants[3].access_key),
        ]
        scoped = verifying(tenants[1], keys[1]["api_key"], scopes=["decay"])
        calls = [
            using(tenants[0], keys[0]["api_key"]), verifying(tenants[0], keys[0]["api_key"]), scoped,
            using(tenants[2], keys[2]["api_key"]), using(tenants[3], keys[3]["api_key"]),
        ]  # fmt: skip
        expected = ["401", "revoked", "insufficient_scope", "403", "401"]
        met: list[str] = []

        def change(number: int) -> None:
            method, path, body, credential = changes[number]
            answer = other.request(method, path, json=body, headers=bearer(credential), timeout=30)
            assert answer.status_code in (200, 204), answer.text
            with connection(first.base_url) as fresh:
                mine = [0, 1] if number == 0 else [number + 1]
                for _ in range(25):
                    met.extend(f"{place}:{outcome_of(calls[place](fresh))}" for place in mine)

        try:
            at_once(4, change)
        finally:
            relay.let_through()
        assert set(met) == {f"{place}:{outcome}" for place, outcome in enumerate(expected)}
        for call, outcome in zip(calls, expected, strict=True):
            assert set(over_connections(second.base_url, call, connections=4, each=5)) == {outcome}


def test_KEY_05_a_process_without_Redis_believes_nothing_that_it_remembers(
    apart: tuple[RunningServer, RunningServer, RedisRelay],
) -> None:
    first, second, relay = apart
    with connection(first.base_url) as one:
        tenant = register(one)
        made = [make_key(tenant) for _ in range(4)]
        for key in made:
            warm(second.base_url, tenant, key["api_key"])
        try:
            for number, key in enumerate(made):
                (relay.cut, relay.stop)[number % 2]()
                assert revoke(one, tenant, key).status_code == 200
                for call, outcome in zip(pair_of_calls(tenant, key["api_key"]), ("401", "revoked"), strict=True):
                    assert over_connections(second.base_url, call, connections=2, each=3) == {outcome: 6}
                relay.let_through()
                assert over_connections(second.base_url, verifying(tenant, key["api_key"])) == {"revoked": 16}
        finally:
            relay.let_through()


def test_KEY_05_a_Redis_that_forgets_everything_over_and_over_revives_no_key(
    server: RunningServer, live: httpx.Client, redis_url: str
) -> None:
    tenant, ended = register(live), threading.Event()
    made = [make_key(tenant) for _ in range(10)]

    def forget() -> None:
        with redis.Redis.from_url(redis_url) as emptied:
            while not ended.is_set():
                emptied.flushall()

    flushing = threading.Thread(target=forget)
    flushing.start()
    try:
        for key in made:
            calls = pair_of_calls(tenant, key["api_key"])
            with load(server.base_url, *calls, *calls) as meanwhile:
                time.sleep(0.04)
                assert revoke(live, tenant, key).status_code == 200
                acknowledged = time.monotonic()
                while sum(meanwhile.begun_after(acknowledged).values()) < 16:
                    time.sleep(0.01)
            after = meanwhile.begun_after(acknowledged)
            assert set(after) <= REFUSED, after
    finally:
        ended.set()
        flushing.join()


def workers_of(server: RunningServer) -> list[int]:
    """Return the process ids of a server's workers."""
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def test_KEY_05_a_worker_that_dies_around_its_commit_leaves_nothing_stale(
    app: Flask, environment: dict[str, str], database_url: str, redis_url: str
) -> None:
    chance, revoked = random.Random(7), 0
    with (
        servers.rowlock_server(environment | {"REDIS_URL": redis_url}, workers=2, threads=8) as server,
        connection(server.base_url) as api,
        redis.Redis.from_url(redis_url) as emptied,
    ):
        tenant = register(api)
        for number in range(CRASHES):
            made = _made_key(server, tenant)
            _patiently(server, verifying(tenant, made["api_key"]))
            ending = threading.Thread(target=_revoke_and_be_cut_off, args=(server, tenant, made))
            ending.start()
            time.sleep(chance.uniform(0, 0.012))
            for pid in workers_of(server):
                if chance.random() < 0.6:
                    with contextlib.suppress(ProcessLookupError):
                        signal.pidfd_send_signal(_handle(pid), signal.SIGKILL)
            if number % 2:
                emptied.flushall()
            ending.join()
            is_revoked = _is_revoked(database_url, made["key_id"])
            revoked += is_revoked
            if is_revoked:
                for call in pair_of_calls(tenant, made["api_key"]):
                    assert set(_patiently(server, call)) <= REFUSED
    assert revoked or CRASHES < 20


def fresh(server: RunningServer) -> httpx.Client:
    """Return a client without a connection to a worker that may be gone."""
    return connection(server.base_url, retries=5)


def _made_key(server: RunningServer, tenant: Tenant) -> dict[str, Any]:
    """Make a key, again where a worker that was killed a moment before still holds the connection."""
    while True:
        with contextlib.suppress(httpx.TransportError), fresh(server) as api:
            return make_key(replace(tenant, api=api))


def _handle(pid: int) -> int:
    return os.pidfd_open(pid)


def _revoke_and_be_cut_off(server: RunningServer, tenant: Tenant, made: dict[str, str]) -> None:
    with contextlib.suppress(httpx.TransportError), fresh(server) as api:
        revoke(api, tenant, made)


def _is_revoked(database_url: str, key_id: str) -> bool:
    query = "SELECT revoked_at FROM keys WHERE key_id = :key"
    (row,) = rows(database_url, query, key=uuid_text(database_url, key_id))
    return row["revoked_at"] is not None


def _patiently(server: RunningServer, call: Callable[[httpx.Client], httpx.Response]) -> list[str]:
    """Make ten calls, each on a connection of its own; those that a dying worker ends are made again."""
    met: list[str] = []
    while len(met) < 10:
        with contextlib.suppress(httpx.TransportError), fresh(server) as api:
            met.append(outcome_of(call(api)))
    return met
