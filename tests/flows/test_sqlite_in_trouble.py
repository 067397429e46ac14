"""SQLite locked by somebody else, on a full disk, and under writers of several processes."""

import contextlib
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests import database, servers
from tests.concurrency import at_once
from tests.conftest import GENEROUS, NO_WINDOWS, SECRET_KEY
from tests.factories import PASSWORD, Person, Tenant, bearer, fresh_email, register
from tests.support.small_disk import SmallDisk, small_disk

BUSY_SECONDS = 5
AT_ONCE = 1.0
MOST_WRITES = 400
LIMITS = dict.fromkeys(("CLIENT_REGISTRATION_LIMIT", "SIGNUP_LIMIT", "SIGNUP_GLOBAL_LIMIT", "LOGIN_LIMIT"), GENEROUS)


@dataclass
class Site:
    """A server of one process on a SQLite file on a small disk, and someone who is logged in there."""

    environment: dict[str, str]
    disk: SmallDisk
    file: Path
    server: servers.RunningServer
    tenant: Tenant
    person: Person


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with small_disk(tmp_path_factory.mktemp("disk")) as disk:
        file = disk.folder / "rowlock.db"
        environment = {"APP_ENV": "test", "DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": SECRET_KEY, **LIMITS}
        environment["TIERS"] = NO_WINDOWS
        servers.migrate(environment)
        running = servers.rowlock_server(environment, threads=8)
        with running as server, httpx.Client(base_url=server.base_url, timeout=30) as api:
            tenant = register(api)
            yield Site(environment, disk, file, server, tenant, tenant.sign_up())


def outcome(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code."""
    return answer.status_code, answer.json().get("code", "") if answer.content else ""


def reads(site: Site) -> list[httpx.Response]:
    """Make calls that write nothing: a token check, a key check, lists, public keys, readiness."""
    api, tenant = site.tenant.api, site.tenant
    return [
        site.person.call("GET", "/me"),
        site.person.call("GET", "/me/sessions"),
        tenant.call("GET", "/audit-logs"),
        api.get(f"/api/v1/clients/{tenant.client_id}", headers=bearer(tenant.access_key)),
        api.get(f"{tenant.path}/.well-known/jwks.json"),
        api.get("/readyz"),
        api.get("/healthz"),
    ]


def sign_up(tenant: Tenant) -> httpx.Response:
    return tenant.call("POST", "/signup", json={"email": fresh_email(), "password": PASSWORD})


@contextlib.contextmanager
def locked(file: Path) -> Iterator[sqlite3.Connection]:
    """Hold the write lock as a foreign process does."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield holder


def test_a_foreign_process_that_holds_the_write_lock_stops_writes_for_a_while_and_no_reads(site: Site) -> None:
    with locked(site.file):
        (written, *_), looked = at_once(2, lambda number: reads(site) if number else [sign_up(site.tenant)])
    assert {answer.status_code for answer in looked} == {200}
    assert max(answer.elapsed.total_seconds() for answer in looked) < AT_ONCE
    assert outcome(written) == (503, "temporarily_unavailable")
    assert int(written.headers["retry-after"]) >= 1
    assert BUSY_SECONDS <= written.elapsed.total_seconds() < BUSY_SECONDS + AT_ONCE
    assert outcome(sign_up(site.tenant)) == (201, "")


def test_a_writer_waits_for_a_foreign_lock_that_is_let_go_in_time(site: Site) -> None:
    with locked(site.file) as holder:
        letting_go = threading.Timer(0.3, holder.execute, ["COMMIT"])
        letting_go.start()
        written = sign_up(site.tenant)
        letting_go.join()
    assert outcome(written) == (201, "")
    assert written.elapsed.total_seconds() >= 0.2


def integrity(file: Path) -> list[Any]:
    """Let SQLite look through the whole file."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall()


def users_of(site: Site) -> set[str]:
    """Return the ids in the users table."""
    found = database.rows(site.environment["DATABASE_URL"], f'SELECT user_id FROM "{site.tenant.table}"')
    return {str(UUID(row["user_id"])) for row in found}


def processes_of(server: servers.RunningServer) -> list[int]:
    """Return the process ids of a server's workers."""
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def write_until_full(site: Site) -> tuple[list[str], httpx.Response]:
    """Sign people up until one cannot be written; return who was acknowledged, and the refusal."""
    acknowledged: list[str] = []
    for _ in range(MOST_WRITES):
        answer = sign_up(site.tenant)
        if answer.status_code != 201:
            return acknowledged, answer
        acknowledged.append(answer.json()["user_id"])
    raise AssertionError("the disk never became full")


def test_R_07_a_full_disk_stops_writes_alone_and_room_makes_them_work_again(site: Site) -> None:
    tenant, person, stranger = site.tenant, site.person, register(site.tenant.api)
    before = len(users_of(site))
    site.disk.fill(processes_of(site.server))
    acknowledged, refused = write_until_full(site)
    writes = {
        "login": tenant.call("POST", "/login", json={"email": person.email, "password": PASSWORD}),
        "refresh": tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token}),
        "profile": person.call("PATCH", "/me", json={"full_name": "Ada"}),
        "register": tenant.api.post("/api/v1/clients/register", json={"client_name": "No room"}),
    }
    looked, whole = reads(site), integrity(site.file)
    forged = tenant.api.get(f"{tenant.path}/me", headers=bearer(person.access_token[:-4] + "AAAA"))
    # What such a refusal is summed up in has no room either; it stays a refusal.
    foreign = tenant.api.get(f"{tenant.path}/audit-logs", headers=bearer(stranger.access_key))
    site.disk.free(processes_of(site.server))

    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json() == {
        "type": "/docs/errors#storage_full",
        "title": "The service has no room left to write.",
        "status": 507,
        "detail": "The service has no room left to write.",
        "code": "storage_full",
        "request_id": refused.headers["x-request-id"],
    }
    assert {name: outcome(answer) for name, answer in writes.items()} == dict.fromkeys(writes, (507, "storage_full"))
    assert [answer.status_code for answer in looked] == [200] * len(looked)
    assert outcome(forged) == (401, "authentication_required")
    assert outcome(foreign) == (404, "client_not_found")
    assert whole == [("ok",)]

    assert outcome(sign_up(tenant)) == (201, "")
    assert outcome(tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})) == (200, "")
    assert integrity(site.file) == [("ok",)]
    users = users_of(site)
    assert set(acknowledged) <= users
    assert len(users) == before + len(acknowledged) + 1
    assert database.count(site.environment["DATABASE_URL"], "clients", "client_name = 'No room'") == 0


def test_R_08_writers_of_four_processes_wait_for_their_turn(site: Site, redis_url: str) -> None:
    second = servers.rowlock_server(site.environment | {"REDIS_URL": redis_url}, workers=3, threads=8)
    with second as server:
        addresses = (site.server.base_url, *3 * [server.base_url])

        def write(number: int) -> Counter[int]:
            seen: Counter[int] = Counter()
            with httpx.Client(base_url=addresses[number % 4], timeout=30) as api:
                register(api)
                for _ in range(8):
                    body = {"email": fresh_email(), "password": PASSWORD}
                    headers = bearer(site.tenant.access_key)
                    seen[api.post(f"{site.tenant.path}/signup", json=body, headers=headers).status_code] += 1
            return seen

        assert sum(at_once(20, write), Counter()) == Counter({201: 160})
    assert integrity(site.file) == [("ok",)]
