"""What tests share: both databases, the application on them, and a real server of two workers beside it.

Tests never clean up: each makes clients of its own, which is what isolates them.
"""

import gc
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context

import flask_migrate
import httpx
import pytest
from flask import Flask

from app import create_app
from app.core import background, isolation
from app.core.isolation import Crossing
from app.core.settings import Settings
from app.sessions import access_tokens, signing
from tests import servers
from tests.factories import Operator, Tenant, logged_in_again, make_operator, register
from tests.support import memory

memory.use()
# What is written regularly is written at a test's own word, never in the middle of another test.
background.INTERVAL_SECONDS = 3600
DATABASES = ("sqlite", "postgresql")
LONG = ("test_printed_commands", "test_postman", "test_users_tables", "test_secret_key", "test_slow_callers")
SECRET_KEY = "kF3v9sQ1-Zx7LmW0pTqR8uYb2NcHd5EjGa4iOoV6"
GENEROUS = "1000000 per hour"
# Tests that are not about limits must not meet them: `free` and the operators' tier have no windows here.
_NONE = {"user_requests_per_minute": None, "user_requests_per_hour": None}
NO_WINDOWS = json.dumps({"free": _NONE, "enterprise": _NONE | {"requests_per_minute": 100}})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first, so that no worker is left with it at the end; what shares a database stays."""
    items.sort(key=lambda item: item.path.stem not in LONG or "database_url" in getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what lives as long as the run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def as_the_shell() -> Iterator[None]:
    """What tests do in process without a request, they do as the operator's shell does."""
    with isolation.across(Crossing.SHELL):
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.PostgresServer]:
    """A PostgreSQL of the tests' own (TEST_DATABASE_URL names another)."""
    with servers.postgres_server(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of the tests' own (TEST_REDIS_URL names another)."""
    with servers.redis_server() as url:
        yield url


@pytest.fixture(scope="session", params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A fresh database: every test that leads here runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'rowlock.db'}"
    server: servers.PostgresServer = request.getfixturevalue("postgres")
    return server.create_database()


@pytest.fixture(scope="session")
def environment(database_url: str, tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> dict[str, str]:
    """The settings of the application and the servers, as environment variables: in process on SQLite, else Redis."""
    return {
        "APP_ENV": "test",
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "BCRYPT_ROUNDS": "4",
        "PUBLIC_URL": "http://localhost:8000",
        "INSTANCE_PATH": str(tmp_path_factory.mktemp("instance")),
        "THREADS": "8",
        "CLIENT_REGISTRATION_LIMIT": GENEROUS,
        "CLIENT_REGISTRATION_GLOBAL_LIMIT": GENEROUS,
        "SIGNUP_LIMIT": GENEROUS,
        "SIGNUP_GLOBAL_LIMIT": GENEROUS,
        "LOGIN_LIMIT": GENEROUS,
        "MAIL_WORKER": "process",  # mails leave at a test's own word
        "RECOVERY_LIMIT": GENEROUS,
        "RECOVERY_GLOBAL_LIMIT": GENEROUS,
        "CODE_LIMIT": GENEROUS,
        "TIERS": NO_WINDOWS,
        "REDIS_URL": "" if database_url.startswith("sqlite") else redis_url,
    }


@pytest.fixture(scope="session")
def app(environment: dict[str, str]) -> Iterator[Flask]:
    """The application on a migrated database."""
    access_tokens.forget_cached()
    signing.forget_cached()
    application = create_app(settings_from(environment))
    with application.app_context():
        flask_migrate.upgrade()
    yield application
    with application.app_context():
        for engine in application.extensions["sqlalchemy"].engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def api(app: Flask) -> httpx.Client:
    """An HTTP client of the application, calling from 127.0.0.1."""
    return client_from(app, "127.0.0.1")


@pytest.fixture
def api_from(app: Flask) -> Callable[[str], httpx.Client]:
    """HTTP clients that call from other addresses."""
    return lambda address: client_from(app, address)


@pytest.fixture
def tenant(api: httpx.Client) -> Tenant:
    """A fresh client with its access key."""
    return register(api)


@pytest.fixture
def other(api: httpx.Client) -> Tenant:
    """Another fresh client."""
    return register(api)


@pytest.fixture(scope="session")
def an_operator(app: Flask, api: httpx.Client) -> Operator:
    """An operator for all tests."""
    return make_operator(app, api)


@pytest.fixture
def operator(an_operator: Operator) -> Operator:
    """An operator who has just logged in: what is theirs alone wants a login of the last five minutes."""
    return logged_in_again(an_operator)


@pytest.fixture(scope="session")
def server(app: Flask, environment: dict[str, str], redis_url: str) -> Iterator[servers.RunningServer]:
    """A real gunicorn of two workers on the same database, for races and for what only a process can show."""
    with servers.rowlock_server(environment | {"REDIS_URL": redis_url}, workers=2, threads=8) as running:
        yield running


@pytest.fixture
def live(server: servers.RunningServer) -> Iterator[httpx.Client]:
    """An HTTP client of the real server."""
    with httpx.Client(base_url=server.base_url, timeout=30) as client:
        yield client


def settings_from(environment: dict[str, str]) -> Settings:
    """Read settings from an environment other than this process's."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        return Settings.from_environment()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _as_if_alone(app: Flask) -> Callable[..., Iterable[bytes]]:
    """Return the application as a server calls it: in a context that knows nothing of the test's own crossing."""
    return lambda environ, start: Context().run(app, environ, start)


def client_from(app: Flask, address: str) -> httpx.Client:
    """Return an HTTP client that calls the application from an address."""
    transport = httpx.WSGITransport(app=_as_if_alone(app), remote_addr=address)
    return httpx.Client(transport=transport, base_url="http://localhost:8000")
