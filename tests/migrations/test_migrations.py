"""Migrations of the central tables: up and down, no drift, one migrator at a time, one platform client."""

import contextlib
import fcntl
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import httpx
import psycopg2
import pytest
from flask import Flask
from sqlalchemy import URL, create_engine, make_url, text

from app.core.actors import SystemActor
from app.onboarding import registration
from tests import database, servers
from tests.concurrency import at_once
from tests.conftest import DATABASES, SECRET_KEY, settings_from
from tests.migrations import catalogue
from tests.support.applications import another_application

CENTRAL = {
    "active_users", "alembic_version", "audit_logs", "chores", "client_days", "client_sizes",
    "client_statistics", "clients", "erasures", "exports", "idempotency_keys", "installation",
    "installation_statistics", "isolation_reports", "keys", "login_throttles", "mfa_guesses",
    "one_time_codes", "outbox", "passkeys", "rate_limit_usage", "recovery_codes", "restoring_passkeys",
    "restoring_recovery_codes", "restoring_totp_factors", "restoring_users", "roles", "sessions", "signing_keys",
    "snapshots", "tiers", "tokens", "totp_factors", "user_imports",
}  # fmt: skip
PLATFORM = "SELECT client_id FROM clients WHERE slug = 'platform'"
LONG_MIGRATION = {"sqlite": 0.5, "postgresql": 3.5}  # PostgreSQL: longer than a session waits for a lock elsewhere


@pytest.fixture(params=DATABASES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path, postgres: servers.PostgresServer) -> dict[str, str]:
    """Settings over an empty database of this test's own; one thread is enough to migrate."""
    url = postgres.create_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'fresh.db'}"
    instance = {"INSTANCE_PATH": str(tmp_path / "instance"), "BCRYPT_ROUNDS": "4", "THREADS": "1"}
    return {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, **instance}


@pytest.fixture
def url(fresh: dict[str, str]) -> str:
    return fresh["DATABASE_URL"]


@pytest.fixture
def own(fresh: dict[str, str]) -> Iterator[Flask]:
    """An application on the empty database, in force instead of the one that tests share."""
    with another_application(settings_from(fresh)) as application:
        yield application


def change(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def central(url: str) -> dict[str, list[str]]:
    """Return the central tables as the database describes them."""
    return {name: lines for name, lines in catalogue.of(url).items() if not name.startswith("users_")}


def test_down_takes_everything_away_and_up_makes_the_same_again(own: Flask, url: str) -> None:
    flask_migrate.upgrade()
    first, users = central(url), database.users_tables(url)
    registration.register(SystemActor(), client_name="Gone after the downgrade")
    assert len(database.users_tables(url)) == len(users) + 1 == 2
    flask_migrate.downgrade(revision="base")
    assert central(url).keys() == {"alembic_version"}
    assert database.users_tables(url) == set()
    assert database.count(url, "alembic_version") == 0
    flask_migrate.upgrade()
    assert first.keys() == CENTRAL
    assert central(url) == first
    assert [database.count(url, name) for name in ("clients", "keys", "signing_keys", "audit_logs")] == [1, 1, 1, 1]
    assert len(database.users_tables(url)) == 1


def test_an_upgrade_of_what_is_current_changes_nothing(own: Flask, url: str) -> None:
    flask_migrate.upgrade()
    schema = catalogue.of(url)
    rows = {name: database.count(url, name) for name in schema}
    flask_migrate.upgrade()
    assert catalogue.of(url) == schema
    assert {name: database.count(url, name) for name in schema} == rows


def check(own: Flask) -> int:
    """Run `flask db check`; return its exit status."""
    return own.test_cli_runner().invoke(args=["db", "check"]).exit_code


def test_the_tables_of_the_code_are_those_of_the_migrations_and_users_tables_are_nobodys_drift(
    own: Flask, url: str
) -> None:
    flask_migrate.upgrade()
    registration.register(SystemActor(), client_name="Not drift")
    assert check(own) == 0
    for name in database.users_tables(url):
        change(url, f'ALTER TABLE "{name}" ADD COLUMN extra INTEGER')
    assert check(own) == 0


def test_drift_of_a_central_table_is_found(own: Flask, url: str, caplog: pytest.LogCaptureFixture) -> None:
    flask_migrate.upgrade()
    change(url, "ALTER TABLE clients ADD COLUMN extra INTEGER")
    assert check(own) == 1
    assert "'clients', Column('extra'" in caplog.text


@contextlib.contextmanager
def migrating_elsewhere(url: URL) -> Iterator[float]:
    """Hold the migration lock for a while; yield for how long."""
    with contextlib.ExitStack() as held:
        if url.drivername == "sqlite":
            file = held.enter_context(Path(f"{url.database}.migrating").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
            let_go = file.close
        else:
            holder = psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
            held.callback(holder.close)
            holder.cursor().execute("SELECT pg_advisory_lock(%s)", (0x726F776C6F636B,))
            let_go = holder.close
        seconds = LONG_MIGRATION[url.drivername.partition("+")[0]]
        ending = threading.Timer(seconds, let_go)
        ending.start()
        yield seconds
        ending.join()


@pytest.mark.usefixtures("own")
def test_R_11_a_second_migrator_waits_for_a_long_migration_of_the_first(url: str) -> None:
    with migrating_elsewhere(make_url(url)) as seconds:
        began = time.monotonic()
        flask_migrate.upgrade()
        assert time.monotonic() - began >= seconds - 0.1
    assert_one_platform(url)


def test_R_22_nodes_and_migrators_that_start_at_once_on_an_empty_database_make_one_platform_client(
    fresh: dict[str, str], url: str, redis_url: str
) -> None:
    settings = fresh | {"APP_ENV": "development", "REDIS_URL": redis_url, "THREADS": "4"}
    with contextlib.ExitStack() as nodes:
        booting = [nodes.enter_context(servers.rowlock_server(settings, workers=2, wait=False)) for _ in range(2)]
        migrated = at_once(2, lambda _: servers.flask("db", "upgrade", environment=fresh))
        for node in booting:
            node.wait_until_up()
        ready = [httpx.get(f"{node.base_url}/readyz") for node in booting]
        logs = "".join(node.log() for node in booting)
    assert [(ended.returncode, ended.stderr) for ended in migrated if ended.returncode] == []
    assert [answer.json()["status"] for answer in ready] == ["ok", "ok"]
    assert re.findall('"level": "(?:error|critical)".*', logs) == []
    assert_one_platform(url)


def assert_one_platform(url: str) -> None:
    """Assert that there is one client, whole, and that it is the platform."""
    assert database.users_tables(url) == {f"users_{str(row['client_id']).replace('-', '')}"
                                          for row in database.rows(url, PLATFORM)}  # fmt: skip
    names = ("alembic_version", "clients", "keys", "signing_keys", "audit_logs")
    assert database.count(url, "installation", "name = 'secret_key_check'") == 1
    assert {name: database.count(url, name) for name in names} == dict.fromkeys(names, 1)
