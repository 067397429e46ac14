"""Behind a pooler that shares connections out by the transaction, the service is what it is without one."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psycopg2
import pytest
from sqlalchemy import make_url

from tests import servers
from tests.concurrency import at_once
from tests.factories import Tenant, register
from tests.support.poolers import POOLERS


@dataclass
class Pooled:
    """A server whose every statement goes over the one connection that a pooler has."""

    api: httpx.Client
    url: str


@pytest.fixture(scope="module", params=POOLERS)
def pooled(
    request: pytest.FixtureRequest,
    postgres: servers.PostgresServer,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Pooled]:
    """Rowlock with four threads behind each kind of pooler that there is, the migration included."""
    environment = {
        "APP_ENV": "test",
        "SECRET_KEY": "kF3v9sQ1-Zx7LmW0pTqR8uYb2NcHd5EjGa4iOoV6",
        "INSTANCE_PATH": str(tmp_path_factory.mktemp("instance")),
        "MIGRATION_DATABASE_URL": (direct := postgres.create_database()),
        "REDIS_URL": redis_url,
        "BCRYPT_ROUNDS": "4",
        "DEFAULT_TIER": "enterprise",
        "CLIENT_REGISTRATION_LIMIT": "1000 per hour",
    }
    with contextlib.ExitStack() as stack:
        servers.migrate(environment | {"DATABASE_URL": direct})
        through = stack.enter_context(POOLERS[request.param](direct, size=1))
        running = stack.enter_context(servers.rowlock_server(environment | {"DATABASE_URL": through}, threads=4))
        yield Pooled(stack.enter_context(httpx.Client(base_url=running.base_url, timeout=30)), through)


def test_TEN_01_clients_that_share_one_connection_get_their_own_rows_and_nothing_else(pooled: Pooled) -> None:
    one, two = register(pooled.api), register(pooled.api)
    people = [tenant.sign_up("same@example.com") for tenant in (one, two)]

    answers = at_once(20, lambda number: people[number % 2].call("GET", "/me"))
    crossed = one.api.get(two.path + "/me", headers={"Authorization": f"Bearer {people[0].access_token}"})

    assert [answer.json()["user_id"] for answer in answers] == [person.user_id for person in people * 10]
    assert crossed.status_code in {401, 403, 404}


def test_the_main_job_goes_through_a_pooler_while_others_register(pooled: Pooled) -> None:
    tenant = register(pooled.api)

    stories = at_once(6, lambda number: _story(tenant if number % 2 else register(pooled.api)))

    assert stories == [[200, 200, True, "not_found", 204, 401]] * 6


def test_a_connection_goes_back_to_the_pooler_as_it_was(pooled: Pooled) -> None:
    register(pooled.api).sign_up()

    role, client = _asked(pooled, "SELECT current_user, current_setting('rowlock.client_id', true)")

    assert role == make_url(pooled.url).username
    assert not client


def test_a_session_behind_a_pooler_has_the_limits_that_it_could_not_ask_for(pooled: Pooled) -> None:
    names = ("statement_timeout", "lock_timeout", "timezone", "default_transaction_isolation")
    found = _asked(pooled, "SELECT " + ", ".join(f"current_setting('{name}')" for name in names))

    assert found == ("5s", "3s", "UTC", "read committed")


def _asked(pooled: Pooled, query: str) -> tuple[object, ...]:
    """Return what the pooler's connection answers as it comes."""
    plain = make_url(pooled.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with contextlib.closing(psycopg2.connect(plain)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        (row,) = cursor.fetchall()
        return tuple(row)


def _story(tenant: Tenant) -> list[object]:
    """Live through signing up, logging in, a refresh, a check of a key and the logout; return what came of each."""
    person = tenant.log_in(tenant.sign_up().email)
    seen = person.call("GET", "/me").status_code
    renewed = tenant.call("POST", "/refresh", json={"refresh_token": person.refresh_token})
    key = tenant.call("POST", "/keys", json={"name": "A key", "scopes": ["read"]}).json()
    checked = tenant.call("POST", "/keys/verify", json={"key": key["api_key"]}).json()["valid"]
    unknown = tenant.call("POST", "/keys/verify", json={"key": key["api_key"][:-1] + "_"}).json()["code"]
    gone = person.call("POST", "/logout").status_code
    return [seen, renewed.status_code, checked, unknown, gone, person.call("GET", "/me").status_code]
