"""Two roles on PostgreSQL: one owns the central tables and migrates them, the other serves and owns users tables."""

import secrets
from collections.abc import Iterator

import httpx
import psycopg2
import pytest
from sqlalchemy import make_url

from tests import database, servers
from tests.conftest import SECRET_KEY
from tests.factories import register

OWNERS = "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename {} 'users\\_%%'"


def as_superuser(postgres: servers.PostgresServer, *statements: str) -> None:
    connection = psycopg2.connect(postgres.admin_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


@pytest.fixture
def roles(postgres: servers.PostgresServer, tmp_path: object) -> Iterator[dict[str, str]]:
    """Settings with an owner that migrates and a role of no rights that serves."""
    owned = make_url(postgres.create_database())
    name = f"Serves-{secrets.token_hex(4)}"  # a name that must be quoted
    as_superuser(postgres, f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'serves'")
    serving = owned.set(username=name, password="serves")
    yield {
        "APP_ENV": "test",
        "SECRET_KEY": SECRET_KEY,
        "BCRYPT_ROUNDS": "4",
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": serving.render_as_string(hide_password=False),
        "MIGRATION_DATABASE_URL": owned.render_as_string(hide_password=False),
    }


def serves(roles: dict[str, str]) -> str:
    return str(make_url(roles["DATABASE_URL"]).username)


def owners(roles: dict[str, str], *, of_users: bool) -> set[str]:
    rows = database.rows(roles["MIGRATION_DATABASE_URL"], OWNERS.format("LIKE" if of_users else "NOT LIKE"))
    return {row["tableowner"] for row in rows}


def live_through_a_day(roles: dict[str, str]) -> None:
    with servers.rowlock_server(roles) as server, httpx.Client(base_url=server.base_url) as api:
        tenant = register(api, admin=True)
        person = tenant.sign_up()
        assert person.call("GET", "/me").status_code == 200
        assert tenant.log_in(person.email).call("DELETE", "/me").status_code == 204
        assert api.get("/readyz").json()["status"] == "ok"


def test_an_owner_migrates_and_a_role_of_few_rights_serves(roles: dict[str, str]) -> None:
    servers.migrate(roles)
    live_through_a_day(roles)
    servers.migrate(roles)
    live_through_a_day(roles)
    assert owners(roles, of_users=False) == {"rowlock"}
    assert owners(roles, of_users=True) == {serves(roles)}
    assert servers.flask("doctor", environment=roles).returncode == 0
    url = roles["DATABASE_URL"]
    for statement in ("DROP TABLE sessions", "UPDATE alembic_version SET version_num = '0'", "TRUNCATE audit_logs"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            alter(url, statement)


def alter(url: str, statement: str) -> None:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def test_users_tables_of_the_time_with_one_role_are_handed_over(
    roles: dict[str, str], postgres: servers.PostgresServer
) -> None:
    alone = roles | {"DATABASE_URL": roles["MIGRATION_DATABASE_URL"]}
    servers.migrate(alone)
    live_through_a_day(alone)
    refused = servers.flask("db", "upgrade", environment=roles)
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert f'GRANT "{serves(roles)}" TO rowlock' in line
    as_superuser(postgres, f'GRANT "{serves(roles)}" TO rowlock')
    servers.migrate(roles)
    assert owners(roles, of_users=True) == {serves(roles)}
    live_through_a_day(roles)


def test_a_role_that_may_not_migrate_is_told_so_in_a_line(roles: dict[str, str]) -> None:
    ended = servers.flask("db", "upgrade", environment=roles | {"MIGRATION_DATABASE_URL": ""})
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "permission denied for schema public" in line
    assert "SQL" not in line
