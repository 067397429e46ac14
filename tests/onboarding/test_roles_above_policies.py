"""In production no role serves that the database's policies do not hold: a superuser, or one with BYPASSRLS."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL, make_url

from tests import servers
from tests.conftest import SECRET_KEY


@pytest.fixture(scope="module")
def database(postgres: servers.PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> URL:
    """A migrated database; its URL names the ordinary role that owns it."""
    url = make_url(postgres.create_database())
    servers.migrate(production(url, tmp_path_factory.mktemp("instance")))
    return url


@pytest.fixture
def bypassing(postgres: servers.PostgresServer) -> Iterator[str]:
    """A role with BYPASSRLS that may do what the serving role may."""
    name = f"bypassing_{secrets.token_hex(4)}"
    connection = psycopg2.connect(postgres.admin_url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(f"CREATE ROLE {name} LOGIN BYPASSRLS PASSWORD 'serves'")
    cursor.execute(f"GRANT rowlock_client, rowlock_across TO {name} WITH INHERIT FALSE")
    yield name
    cursor.execute(f"DROP ROLE {name}")
    connection.close()


def production(url: URL, folder: Path) -> dict[str, str]:
    named = {"APP_ENV": "production", "SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "https://auth.example.com"}
    own = {"INSTANCE_PATH": str(folder), "BCRYPT_ROUNDS": "10"}
    return named | own | {"DATABASE_URL": url.render_as_string(hide_password=False)}


def refused_line(environment: dict[str, str]) -> str:
    ended = servers.flask("clients", "list", environment=environment)
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    return line


def test_in_production_a_superuser_is_refused_at_start(
    database: URL, postgres: servers.PostgresServer, tmp_path: Path
) -> None:
    admin = make_url(postgres.admin_url).set(drivername=database.drivername, database=database.database)
    environment = production(admin, tmp_path)
    assert "DATABASE_URL names a superuser" in refused_line(environment)
    with (
        pytest.raises(
            RuntimeError, match=r"exit status 1\):\n(.*\n)?Rowlock does not start: DATABASE_URL names a superuser"
        ),
        servers.rowlock_server(environment),
    ):
        pass
    assert servers.flask("clients", "list", environment=environment | {"APP_ENV": "test"}).returncode == 0
    assert servers.flask("clients", "list", environment=production(database, tmp_path)).returncode == 0


def test_in_production_a_role_that_passes_over_policies_is_refused(
    database: URL, bypassing: str, tmp_path: Path
) -> None:
    serving = database.set(username=bypassing, password="serves")
    assert "BYPASSRLS" in refused_line(production(serving, tmp_path))
