"""A database of their own for what is counted over all clients."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import flask_migrate
import httpx
import pytest
from flask import Flask

from app.core import chores
from app.statistics import measuring, rolling
from tests import servers
from tests.conftest import DATABASES, NO_WINDOWS, SECRET_KEY, client_from, settings_from
from tests.factories import Operator, Tenant, make_operator, register
from tests.support.applications import another_application


@dataclass
class Installation:
    """An application with a database that nobody else uses."""

    app: Flask
    url: str
    environment: dict[str, str]
    api: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.api = client_from(self.app, "127.0.0.1")

    def operator(self) -> Operator:
        return make_operator(self.app, self.api)

    def tenant(self, **fields: Any) -> Tenant:
        return register(self.api, **fields)

    def roll_up(self) -> None:
        """Do what the background does each minute."""
        with self.app.app_context():
            assert chores.run("statistics") is not None


@pytest.fixture(scope="module", params=DATABASES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: servers.PostgresServer
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("statistics")
    url = postgres.create_database() if request.param == "postgresql" else f"sqlite:///{folder / 'own.db'}"
    environment = {
        "APP_ENV": "test",
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "BCRYPT_ROUNDS": "4",
        "INSTANCE_PATH": str(folder / "instance"),
        "CLIENT_REGISTRATION_LIMIT": "100000 per hour",
        "SIGNUP_LIMIT": "100000 per hour",
        "LOGIN_LIMIT": "100000 per hour",
        "MAIL_WORKER": "process",
        "TIERS": NO_WINDOWS,
    }
    with another_application(settings_from(environment)) as app:
        flask_migrate.upgrade()
        yield Installation(app, url, environment)


@pytest.fixture
def at_once_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count rows of the audit log however young they are, for nothing is committed late, and measure without a rest."""
    monkeypatch.setattr(rolling, "LAG", timedelta(0))
    monkeypatch.setattr(measuring, "_NOT_WITHIN", timedelta(0))
    monkeypatch.setattr(measuring, "_RESTS", 0)
