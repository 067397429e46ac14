"""PostgreSQL that is stopped, or takes no more connections: 503 with Retry-After, never 500, and nothing is lost."""

import contextlib
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg2
import pytest

from tests import database, servers
from tests.concurrency import at_once
from tests.conftest import GENEROUS, NO_WINDOWS
from tests.factories import PASSWORD, Person, Tenant, bearer, fresh_email, register
from tests.flows.unavailable import ANSWERED_WITHIN, is_unavailable
from tests.support.postgres import OwnPostgres, PostgresServer, own_postgres

RECOVERED_WITHIN = 10.0
WITHOUT_DATABASE = {"/metrics": 404, "/healthz": 200, "/openapi.json": 200, "/readyz": 503}


@dataclass
class Site:
    """A server on a PostgreSQL that a test may stop, and someone who is logged in there."""

    postgres: OwnPostgres
    url: str
    api: httpx.Client
    tenant: Tenant
    person: Person


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with own_postgres(fsync=True) as postgres:
        url = PostgresServer(postgres.url, postgres).create_database()
        limits = dict.fromkeys(("CLIENT_REGISTRATION_LIMIT", "SIGNUP_LIMIT", "LOGIN_LIMIT"), GENEROUS)
        environment = {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": "kF3v9sQ1-Zx7LmW0pTqR8uYb2NcHd5EjGa4i"}
        environment["TIERS"] = NO_WINDOWS
        servers.migrate(environment)
        running = servers.rowlock_server(environment | limits, threads=8)
        with running as server, httpx.Client(base_url=server.base_url, timeout=30) as api:
            tenant = register(api)
            yield Site(postgres, url, api, tenant, tenant.sign_up())


@contextlib.contextmanager
def stopped(site: Site) -> Iterator[None]:
    """Stop PostgreSQL as a crash does; start it again at the end."""
    site.postgres.stop(immediate=True)
    try:
        yield
    finally:
        site.postgres.start()


OPEN_TO_ALL: dict[str, dict[str, Any]] = {
    "/clients/register": {"client_name": "While it is down"},
    "/email/verify": {"token": "none"},
    "/me/email/confirm": {"token": "none"},
    "/password/reset": {"token": "none", "new_password": PASSWORD},
    "/invitations/accept": {"token": "none", "password": PASSWORD},
}


_OF_THE_CONSOLE: dict[str, dict[str, Any]] = {
    "/api/v1/console/session": {"client": "acme", "email": "ada@example.com", "password": PASSWORD},
    "/api/v1/console/session/passkey/options": {"client": "acme"},
    "/api/v1/console/password/forgot": {"client": "acme", "email": "ada@example.com"},
    "/api/v1/console/email/resend": {"client": "acme", "email": "ada@example.com"},
}
"""Those that need no cookie; the others ask for the session of one first."""


def every_call(site: Site) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, with the client's id filled in."""
    for path, operations in site.api.get("/openapi.json").json()["paths"].items():
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
            filled = path.replace("{client_id}", site.tenant.client_id)
            yield method.upper(), re.sub(r"\{\w*id\}", site.person.user_id, filled)


def body_of(path: str) -> dict[str, Any] | None:
    """Return a body that a call without credential needs to get as far as the database."""
    return next((body for end, body in OPEN_TO_ALL.items() if path.endswith(end)), None)


def recovered(site: Site, *, since: float) -> None:
    """Wait until calls work again; assert that it does not take too long."""
    while site.person.call("GET", "/me").status_code != 200:
        assert time.monotonic() - since < RECOVERED_WITHIN
        time.sleep(0.05)


def test_R_03_every_call_that_needs_the_database_says_503_while_it_is_away_and_works_again_without_a_restart(
    site: Site,
) -> None:
    calls = sorted(call for call in every_call(site) if call[0] == "GET" or "/console/" not in call[1])
    assert len(calls) > 20
    answers = {}
    with stopped(site):
        for method, path in calls:
            for credential in (site.tenant.access_key, site.person.access_token):
                answer = site.api.request(method, path, headers=bearer(credential), json=body_of(path))
                answers[method, path, credential[:4]] = answer
        for path, body in _OF_THE_CONSOLE.items():
            page = {"Origin": str(site.api.base_url).rstrip("/")}
            answers["POST", path, "page"] = site.api.post(path, headers=page, json=body)
        ready, alive = site.api.get("/readyz"), site.api.get("/healthz")
        began = time.monotonic()

    served = {key: answer for key, answer in answers.items() if key[1] in WITHOUT_DATABASE}
    assert {key[1]: answer.status_code for key, answer in served.items()} == WITHOUT_DATABASE
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert is_unavailable(ready)
    assert ready.json()["checks"] == {"database": "failed", "migrations": "failed", "redis": "ok"}
    wrong = {key: (answer.status_code, answer.text[:200]) for key, answer in answers.items()
             if key not in served and not is_unavailable(answer)}  # fmt: skip
    assert wrong == {}
    recovered(site, since=began)
    assert site.api.get("/readyz").json()["status"] == "ok"
    assert site.tenant.call("POST", "/login", json={"email": site.person.email, "password": PASSWORD}).is_success


def test_IN_05_an_answer_without_the_database_says_nothing_of_it(site: Site) -> None:
    with stopped(site):
        began = time.monotonic()
        answer = site.tenant.call("POST", "/login", json={"email": site.person.email, "password": PASSWORD})
        page = site.api.get(f"/docs/{site.tenant.client_id}")
    assert is_unavailable(answer)
    assert answer.json() == {
        "type": "/docs/errors#temporarily_unavailable",
        "title": "The service cannot answer just now.",
        "status": 503,
        "detail": "The service cannot answer just now.",
        "code": "temporarily_unavailable",
        "request_id": answer.headers["x-request-id"],
    }
    assert is_unavailable(page)
    recovered(site, since=began)


@dataclass
class Load:
    """What people who sign up without a pause have seen."""

    acknowledged: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def sign_up(self, site: Site) -> None:
        """Sign up fresh addresses until it is over."""
        with httpx.Client(base_url=site.api.base_url, timeout=30) as api:
            while not self.over.is_set():
                email = fresh_email()
                body = {"email": email, "password": PASSWORD}
                answer = api.post(f"{site.tenant.path}/signup", json=body, headers=bearer(site.tenant.access_key))
                self.statuses[answer.status_code] += 1
                self.slowest = max(self.slowest, answer.elapsed.total_seconds())
                if answer.status_code == 201:
                    self.acknowledged.append(email)
                elif not is_unavailable(answer):
                    self.wrong.append(answer.text)

    def wait_for(self, status: int, times: int) -> None:
        """Wait until an answer has been given so many times more."""
        wanted, deadline = self.statuses[status] + times, time.monotonic() + RECOVERED_WITHIN
        while self.statuses[status] < wanted:
            assert time.monotonic() < deadline, f"no {status} in time: {self.statuses}"
            time.sleep(0.01)


def test_R_03_a_crash_of_postgresql_under_load_loses_no_acknowledged_sign_up_and_is_never_a_500(site: Site) -> None:
    load = Load()
    people = [threading.Thread(target=load.sign_up, args=(site,)) for _ in range(4)]
    for one in people:
        one.start()
    try:
        for _ in range(2):
            load.wait_for(201, 20)
            with stopped(site):
                load.wait_for(503, 8)
        load.wait_for(201, 20)
    finally:
        load.over.set()
        for one in people:
            one.join()
    assert load.wrong == []
    assert set(load.statuses) == {201, 503}
    assert load.slowest <= ANSWERED_WITHIN
    kept = {row["email"] for row in database.rows(site.url, f'SELECT email FROM "{site.tenant.table}"')}
    assert set(load.acknowledged) <= kept


def administer(site: Site, *statements: str) -> None:
    """Carry out statements as the superuser."""
    connection = psycopg2.connect(site.postgres.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_R_05_a_postgresql_that_takes_no_more_connections_is_a_503_for_those_it_turns_away(site: Site) -> None:
    name = site.url.rpartition("/")[2]
    cut = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
    administer(site, f"ALTER DATABASE {name} CONNECTION LIMIT 2", cut)
    try:
        answers = at_once(24, lambda _: site.person.call("GET", "/me", headers={"Connection": "close"}))
        alive = site.api.get("/healthz")
    finally:
        administer(site, f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    began = time.monotonic()
    assert alive.status_code == 200
    assert {answer.status_code for answer in answers} == {200, 503}
    assert all(is_unavailable(answer) for answer in answers if answer.status_code == 503)
    recovered(site, since=began)
    after = at_once(24, lambda _: site.person.call("GET", "/me", headers={"Connection": "close"}))
    assert {answer.status_code for answer in after} == {200}
