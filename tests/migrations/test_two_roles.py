"""Two roles on PostgreSQL: one owns every table and migrates them, the other serves and owns nothing."""

import contextlib
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
    as_superuser(
        postgres,
        f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'serves'",
        f'GRANT rowlock_client, rowlock_across TO "{name}" WITH INHERIT FALSE',
    )
    serving = owned.set(username=name, password="serves")
    yield {
        "APP_ENV": "test",
        "SECRET_KEY": SECRET_KEY,
        "BCRYPT_ROUNDS": "4",
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": serving.render_as_string(hide_password=False),
        "MIGRATION_DATABASE_URL": owned.render_as_string(hide_password=False),
    }


def administer(postgres: servers.PostgresServer, url: str, statement: str) -> None:
    """Carry out a statement as the superuser, inside the database of a URL."""
    inside = make_url(postgres.admin_url).set(database=make_url(url).database)
    connection = psycopg2.connect(inside.set(drivername="postgresql").render_as_string(hide_password=False))
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(statement)


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


def test_an_owner_migrates_and_a_role_that_owns_nothing_serves(roles: dict[str, str]) -> None:
    servers.migrate(roles)
    live_through_a_day(roles)
    servers.migrate(roles)
    live_through_a_day(roles)
    assert owners(roles, of_users=False) == owners(roles, of_users=True) == {"rowlock"}
    assert servers.flask("doctor", environment=roles).returncode == 0
    url = roles["DATABASE_URL"]
    for statement in ("DROP TABLE sessions", "SELECT * FROM sessions", "TRUNCATE audit_logs", "CREATE TABLE own ()"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            alter(url, statement)


def alter(url: str, statement: str) -> None:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def test_users_tables_of_a_time_when_the_serving_role_owned_them_are_taken_over(
    roles: dict[str, str], postgres: servers.PostgresServer
) -> None:
    servers.migrate(roles)
    live_through_a_day(roles)
    url, table = roles["MIGRATION_DATABASE_URL"], sorted(database.users_tables(roles["MIGRATION_DATABASE_URL"]))[-1]
    administer(postgres, url, f'ALTER TABLE {table} OWNER TO "{serves(roles)}"')
    database.change(url, "UPDATE clients SET users_schema_version = 1 WHERE slug <> 'platform'")
    refused = servers.flask("db", "upgrade", environment=roles)
    assert refused.returncode == 1
    assert f'GRANT "{serves(roles)}" TO rowlock' in refused.stderr.splitlines()[-1]
    administer(postgres, url, f'GRANT "{serves(roles)}" TO rowlock')
    servers.migrate(roles)
    assert owners(roles, of_users=True) == {"rowlock"}
    live_through_a_day(roles)


@pytest.mark.parametrize("missing", ["rowlock_client", "rowlock_across"])
def test_a_role_that_may_not_keep_clients_apart_is_told_what_to_run(
    roles: dict[str, str], postgres: servers.PostgresServer, missing: str
) -> None:
    as_superuser(postgres, f'REVOKE {missing} FROM "{serves(roles)}"')
    ended = servers.flask("db", "upgrade", environment=roles)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    wanted = f'GRANT {missing} TO "{serves(roles)}" WITH INHERIT FALSE, SET TRUE'
    assert f"`{wanted}`" in line
    assert "README" in line
    as_superuser(postgres, wanted)
    servers.migrate(roles)


def test_a_role_that_may_not_migrate_is_told_so_in_a_line(roles: dict[str, str]) -> None:
    ended = servers.flask("db", "upgrade", environment=roles | {"MIGRATION_DATABASE_URL": ""})
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "permission denied for schema public" in line
    assert "SQL" not in line
