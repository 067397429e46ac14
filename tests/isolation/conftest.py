"""What the tests of this folder share: a PostgreSQL that holds clients apart, and one to be broken on purpose."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from app.extensions import metadata
from tests import database, servers
from tests.conftest import SECRET_KEY, settings_from
from tests.support.applications import another_application


@pytest.fixture(autouse=True)
def litter(app: Flask, database_url: str) -> None:
    """Take away what other tests have left in the shared database: rows of clients that never were."""
    owned = [name for name, table in metadata.tables.items() if "client_id" in table.c and name != "clients"]
    gone = "DELETE FROM {} WHERE client_id NOT IN (SELECT client_id FROM clients)"
    database.change(database_url, *(gone.format(name) for name in owned))


@pytest.fixture(scope="module")
def sick(postgres: servers.PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings over a PostgreSQL database of this module's own, migrated."""
    folder: Path = tmp_path_factory.mktemp("sick")
    environment = {"DATABASE_URL": postgres.create_database(), "APP_ENV": "test", "SECRET_KEY": SECRET_KEY}
    environment |= {"INSTANCE_PATH": str(folder), "BCRYPT_ROUNDS": "4", "PUBLIC_URL": "http://localhost:8000"}
    with another_application(settings_from(environment)):
        flask_migrate.upgrade()
    return environment


@pytest.fixture(scope="module")
def patient(sick: dict[str, str]) -> Iterator[Flask]:
    """The application on that database, in force instead of the one that tests share."""
    with another_application(settings_from(sick)) as application:
        yield application
