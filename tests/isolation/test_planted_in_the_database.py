"""On PostgreSQL, what opens a table, a role or a function to others is found, and the report says which it is."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.core.actors import SystemActor
from app.core.ids import new_id
from app.isolation import database as examination
from app.isolation.models import Check
from app.onboarding import registration
from tests import servers

# The broken database is a PostgreSQL of this module's own, whatever the other tests run on.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")

CLIENT_POLICY = "CREATE POLICY rowlock_client ON keys TO rowlock_client USING ({})"
OF_KEYS = CLIENT_POLICY.format("client_id = nullif(current_setting('rowlock.client_id', true), '')::uuid")
NO_POLICY = "DROP POLICY rowlock_client ON keys"
REPLACES = "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('rowlock_drop_users_table(uuid)'::regprocedure), {}); END $$"
IN_REACH = "a table or view that they may read, where no policy of ours holds"


@dataclass
class Planted:
    """What opens the database, what closes it again, and what the report must say of it."""

    opens: str
    closes: str
    check: str
    says: str


LEAKS = {
    "a policy that is gone": Planted(NO_POLICY, OF_KEYS, "policies", "keys: the policy rowlock_client is missing"),
    "a policy that lets all through": Planted(
        f"{NO_POLICY}; {CLIENT_POLICY.format('true')}",
        f"{NO_POLICY}; {OF_KEYS}",
        "policies",
        "keys: the policy rowlock_client is another than it should be",
    ),
    "a policy beside the others": Planted(
        "CREATE POLICY backdoor ON {users} USING (true)",
        "DROP POLICY backdoor ON {users}",
        "policies",
        "{users}: the policy backdoor is not ours",
    ),
    "a table without row-level security": Planted(
        "ALTER TABLE {users} DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE {users} ENABLE ROW LEVEL SECURITY",
        "policies",
        "{users}: row-level security is off",
    ),
    "an owner that passes over it": Planted(
        "ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE sessions FORCE ROW LEVEL SECURITY",
        "policies",
        "sessions: row-level security is not forced, so its owner passes over it",
    ),
    "a right of everybody's": Planted(
        "GRANT SELECT ON {users} TO PUBLIC",
        "REVOKE SELECT ON {users} FROM PUBLIC",
        "grants",
        "{users}: PUBLIC has SELECT",
    ),
    "an audit log that may be cleared": Planted(
        "GRANT DELETE ON audit_logs TO rowlock_client",
        "REVOKE DELETE ON audit_logs FROM rowlock_client",
        "grants",
        "audit_logs: rowlock_client has DELETE, which is too much",
    ),
    "a function that runs as the owner": Planted(
        "CREATE FUNCTION peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM keys'",
        "DROP FUNCTION peep()",
        "functions",
        "peep(): it is not ours",
    ),
    "a function on the caller's path": Planted(
        "ALTER FUNCTION rowlock_drop_users_table(uuid) RESET search_path",
        "ALTER FUNCTION rowlock_drop_users_table(uuid) SET search_path = public, pg_temp",
        "functions",
        "rowlock_drop_users_table(uuid): its search_path is another than it should be",
    ),
    "a view that no policy reaches": Planted(
        "CREATE VIEW everybody AS SELECT * FROM keys; GRANT SELECT ON everybody TO rowlock_client",
        "DROP VIEW everybody",
        "roles",
        f"everybody: {IN_REACH}",
    ),
    "a copy that everybody may read": Planted(
        "CREATE TABLE users_backup AS SELECT * FROM {users}; GRANT SELECT ON users_backup TO PUBLIC",
        "DROP TABLE users_backup",
        "roles",
        f"users_backup: {IN_REACH}",
    ),
    "a copy in another schema, by one column": Planted(
        "CREATE SCHEMA aside; CREATE TABLE aside.keys AS SELECT * FROM keys;"
        " GRANT SELECT (name) ON aside.keys TO rowlock_client",
        "DROP SCHEMA aside CASCADE",
        "roles",
        f"aside.keys: {IN_REACH}",
    ),
    "a right on tables to come": Planted(
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC",
        "roles",
        "PUBLIC gets SELECT on every table that rowlock makes",
    ),
    "a function of the owner in another schema": Planted(
        "CREATE SCHEMA aside; CREATE FUNCTION aside.peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT count(*) FROM keys'",
        "DROP SCHEMA aside CASCADE",
        "functions",
        "aside.peep(): it is not ours",
    ),
    "a function with another body": Planted(
        REPLACES.format("'BEGIN', 'BEGIN NULL;'"),
        REPLACES.format("'BEGIN NULL;', 'BEGIN'"),
        "functions",
        "rowlock_drop_users_table(uuid): its body is another than `flask db upgrade` made",
    ),
    "a trigger that copies": Planted(
        "CREATE FUNCTION copies() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        " CREATE TRIGGER copies BEFORE INSERT ON {users} FOR EACH ROW EXECUTE FUNCTION copies()",
        "DROP FUNCTION copies() CASCADE",
        "policies",
        "{users}: the trigger copies is not ours",
    ),
    "a rule that copies": Planted(
        "CREATE RULE copies AS ON INSERT TO keys DO ALSO SELECT 1",
        "DROP RULE copies ON keys",
        "policies",
        "keys: the rule copies is not ours",
    ),
}


@pytest.fixture(scope="module")
def client_id(patient: Flask) -> UUID:
    """The client of the broken database."""
    return registration.register(SystemActor(), client_name="Patient").client_id


def change(environment: dict[str, str], statement: str, users: str) -> None:
    engine = create_engine(environment["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text(statement.replace("{users}", users)))
    engine.dispose()


@contextlib.contextmanager
def planted(environment: dict[str, str], leak: Planted, users: str) -> Iterator[None]:
    change(environment, leak.opens, users)
    try:
        yield
    finally:
        change(environment, leak.closes, users)


def failures(checks: list[Check]) -> dict[str, list[str]]:
    return {check.name: check.failures for check in checks if check.failures}


@pytest.mark.parametrize("name", LEAKS)
def test_planted_leak_in_the_database_is_named(sick: dict[str, str], client_id: UUID, name: str) -> None:
    leak, users = LEAKS[name], f"users_{client_id.hex}"
    assert failures(examination.enforcement()) == {}
    with planted(sick, leak, users):
        assert failures(examination.enforcement()) == {f"database.{leak.check}": [leak.says.replace("{users}", users)]}


def test_planted_leak_shows_in_the_clients_own_report(sick: dict[str, str], client_id: UUID) -> None:
    users = f"users_{client_id.hex}"
    assert failures(examination.of_client(client_id)) == {}
    registration.register(SystemActor(), client_name="Neighbour")
    with planted(sick, LEAKS["a table without row-level security"], users):
        found = failures(examination.of_client(client_id))
    assert found["database.policies"] == [f"{users}: row-level security is off"]
    with planted(sick, LEAKS["a policy that lets all through"], users):
        assert "keys: another client reads rows" in examination.reach(client_id, new_id()).failures


def test_planted_leak_ends_the_command_with_status_1_and_a_line_that_says_where(
    sick: dict[str, str], client_id: UUID
) -> None:
    with planted(sick, LEAKS["a policy that is gone"], ""):
        ended = servers.flask("doctor", "isolation", "--client", str(client_id), environment=sick)
    assert ended.returncode == 1
    assert "keys: the policy rowlock_client is missing" in ended.stdout
    assert "Traceback" not in ended.stderr
