"""Two roles on PostgreSQL: one owns every table and migrates them, the other serves and owns nothing."""

import contextlib
import secrets
from collections.abc import Iterator

import httpx
import psycopg2
import pytest
from sqlalchemy import make_url

from app.core.actors import SystemActor
from app.onboarding import registration
from tests import database, servers
from tests.conftest import SECRET_KEY, settings_from
from tests.factories import register
from tests.support.applications import another_application

OWNERS = "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename {} 'users\\_%%'"

ROLES = ("rowlock_client", "rowlock_across")


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


def register_some(roles: dict[str, str], number: int) -> None:
    """Make clients as the role that serves."""
    with another_application(settings_from(roles)):
        for each in range(number):
            registration.register(SystemActor(), client_name=f"Client {each}")


def test_an_owner_migrates_and_a_role_that_owns_nothing_serves(roles: dict[str, str]) -> None:
    servers.migrate(roles)
    live_through_a_day(roles)
    given = f'ON sessions, alembic_version, {users_table(roles)} TO "{serves(roles)}"'
    alter(roles["MIGRATION_DATABASE_URL"], f"GRANT SELECT, DELETE {given}")
    alter(roles["MIGRATION_DATABASE_URL"], f'GRANT CREATE, USAGE ON SCHEMA public TO "{serves(roles)}"')
    servers.migrate(roles)
    assert [kept for kept in protection(roles) if serves(roles) in str(kept)] == []
    live_through_a_day(roles)
    assert owners(roles, of_users=False) == owners(roles, of_users=True) == {"rowlock"}
    assert servers.flask("doctor", environment=roles).returncode == 0
    url = roles["DATABASE_URL"]
    for statement in ("DROP TABLE sessions", "SELECT * FROM sessions", "TRUNCATE audit_logs", "CREATE TABLE own ()"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            alter(url, statement)


def alter(url: str, statement: str) -> None:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(statement)


def users_table(roles: dict[str, str]) -> str:
    return sorted(database.users_tables(roles["MIGRATION_DATABASE_URL"]))[-1]


_PROTECTION = """
SELECT relname AS name, relrowsecurity::text AS a, relforcerowsecurity::text AS b, '' AS c FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
UNION ALL SELECT tablename, policyname, roles::text || permissive || cmd, qual || coalesce(with_check, '')
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL SELECT table_name, grantee, privilege_type || is_grantable, column_name
  FROM information_schema.column_privileges WHERE table_schema = 'public'
UNION ALL SELECT relname, a.grantee::regrole::text, a.privilege_type || a.is_grantable, ''
  FROM pg_class, aclexplode(relacl) a WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'public', a.grantee::regrole::text, a.privilege_type, '' FROM pg_namespace, aclexplode(nspacl) a
  WHERE nspname = 'public'
UNION ALL SELECT proname, a.grantee::regrole::text, a.privilege_type, '' FROM pg_proc, aclexplode(proacl) a
  WHERE proname LIKE 'rowlock%%'
ORDER BY 1, 2, 3, 4
"""
_MADE = "SELECT polrelid::regclass::text AS name, oid FROM pg_policy"


def protection(roles: dict[str, str]) -> list[dict[str, object]]:
    """Return every policy and every right of the database, as the catalogue has them."""
    return database.rows(roles["MIGRATION_DATABASE_URL"], _PROTECTION)


def test_an_upgrade_brings_back_each_policy_and_right_that_somebody_has_changed(roles: dict[str, str]) -> None:
    servers.migrate(roles)
    register_some(roles, 2)
    url, table = roles["MIGRATION_DATABASE_URL"], users_table(roles)
    before, made = protection(roles), database.rows(url, _MADE)
    for statement in (
        "ALTER POLICY rowlock_client ON sessions USING (true)",
        "CREATE POLICY extra ON keys USING (true)",
        "ALTER TABLE roles NO FORCE ROW LEVEL SECURITY",
        "GRANT SELECT ON keys TO PUBLIC",
        "GRANT UPDATE (slug) ON clients TO PUBLIC",
        "GRANT DELETE ON audit_logs TO rowlock_client",
        "GRANT INSERT ON sessions TO rowlock_across WITH GRANT OPTION",
        "REVOKE SELECT ON tiers FROM rowlock_client",
        "GRANT CREATE ON SCHEMA public TO rowlock_client",
        "GRANT EXECUTE ON FUNCTION rowlock_drop_users_table(uuid) TO rowlock_client",
        f"ALTER POLICY rowlock_client ON {table} USING (true)",
        f"CREATE POLICY extra ON {table} USING (true)",
        f"GRANT SELECT ON {table} TO PUBLIC",
    ):
        alter(url, statement)
    assert protection(roles) != before
    with contextlib.closing(psycopg2.connect(url.replace("+psycopg2", ""))) as backup:
        backup.cursor().execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        held = servers.flask("db", "upgrade", environment=roles)
    assert (held.returncode, table in held.stderr.splitlines()[-1]) == (1, True)
    assert {row["name"] for row in protection(roles) if row not in before} == {table}
    said = servers.flask("db", "upgrade", environment=roles)
    assert protection(roles) == before
    assert "Users tables: policies or rights of 1 were not as they must be; they are now." in said.stdout
    anew = {row["name"] for row in database.rows(url, _MADE) if row not in made}
    assert anew == {"sessions", "keys", "roles", table}


def test_users_tables_of_a_time_when_the_serving_role_owned_them_are_taken_over(
    roles: dict[str, str], postgres: servers.PostgresServer
) -> None:
    servers.migrate(roles)
    register_some(roles, 1)
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


def test_a_role_that_may_not_keep_clients_apart_is_told_all_that_is_to_be_run(
    roles: dict[str, str], postgres: servers.PostgresServer
) -> None:
    as_superuser(postgres, f'REVOKE rowlock_client, rowlock_across FROM "{serves(roles)}"')
    ended = servers.flask("db", "upgrade", environment=roles)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "(README, Deploy)" in line
    _, wanted, *_ = line.split("`")
    each = [f'GRANT {role} TO "{serves(roles)}" WITH INHERIT FALSE, SET TRUE' for role in ROLES]
    assert wanted == "; ".join(each)
    as_superuser(postgres, *wanted.split("; "))
    servers.migrate(roles)


def test_a_role_that_may_not_migrate_is_told_so_in_a_line(roles: dict[str, str]) -> None:
    ended = servers.flask("db", "upgrade", environment=roles | {"MIGRATION_DATABASE_URL": ""})
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "permission denied for schema public" in line
    assert "SQL" not in line
