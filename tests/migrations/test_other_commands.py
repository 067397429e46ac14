"""`flask db …`: only `upgrade` makes anything; what fails is said in a line."""

from pathlib import Path

import pytest

from tests import database, servers
from tests.conftest import DATABASES, SECRET_KEY


@pytest.fixture(params=DATABASES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path, postgres: servers.PostgresServer) -> dict[str, str]:
    """Settings over an empty database of this test's own."""
    url = postgres.create_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'fresh.db'}"
    return {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path)}


def test_only_upgrade_makes_the_platform_and_changes_tables(fresh: dict[str, str]) -> None:
    servers.migrate(fresh)
    url = fresh["DATABASE_URL"]
    (table,) = database.users_tables(url)
    database.change(url, f'DROP TABLE "{table}"', "DELETE FROM clients", "DELETE FROM installation")
    before = database.dump(url)
    for command in ("current", "check"):
        assert servers.flask("db", command, environment=fresh).returncode == 0
        assert (database.dump(url), database.users_tables(url)) == (before, set())
    servers.migrate(fresh)
    assert len(database.users_tables(url)) == 1


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.db"])
@pytest.mark.parametrize(
    "command", [("db", "upgrade"), ("clients", "list"), ("operators", "create", "--email", "a@b.de")]
)
def test_a_database_that_does_not_answer_is_said_in_a_line(tmp_path: Path, url: str, command: tuple[str, ...]) -> None:
    settings = {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path)}
    ended = servers.flask(*command, environment=settings, stdin="a long enough sentence\n" * 2)
    assert ended.returncode == 1
    assert "database does not answer" in ended.stderr.splitlines()[-1]
    for word in ("Traceback", "Retry-After", "SELECT", "sqlalche", "db upgrade"):
        assert word not in ended.stdout + ended.stderr


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.db"])
def test_the_doctor_says_that_the_database_does_not_answer(tmp_path: Path, url: str) -> None:
    settings = {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "INSTANCE_PATH": str(tmp_path)}
    ended = servers.flask("doctor", environment=settings)
    assert ended.returncode == 1
    assert "✗ the database answers" in ended.stdout
    assert "db upgrade" not in ended.stdout + ended.stderr
