"""Schema changes of the clients' tables: each exactly once, however often `flask db upgrade` is killed."""

import json
import multiprocessing
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import flask_migrate
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import create_engine, make_url, text

from app.core.actors import SystemActor
from app.onboarding import registration
from tests import database, servers
from tests.conftest import DATABASES, GENEROUS, NO_WINDOWS, SECRET_KEY, settings_from
from tests.factories import Tenant, register
from tests.migrations import catalogue
from tests.migrations.migrator import ADDED, STEPS, TARGET, migrate
from tests.support.applications import another_application

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.migrations.migrator"])  # imported once, then each migrator starts at once
CLIENTS = 20
KILLS = 2


@pytest.fixture(params=DATABASES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path, postgres: servers.PostgresServer) -> dict[str, str]:
    """Settings over a database of this test's own."""
    url = postgres.create_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'fresh.db'}"
    return settings_over(url, tmp_path)


def settings_over(url: str, folder: Path) -> dict[str, str]:
    limits = dict.fromkeys(("CLIENT_REGISTRATION_LIMIT", "CLIENT_REGISTRATION_GLOBAL_LIMIT", "SIGNUP_LIMIT"), GENEROUS)
    instance = {"INSTANCE_PATH": str(folder / "instance"), "BCRYPT_ROUNDS": "4"}
    return {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "TIERS": NO_WINDOWS, **instance, **limits}


@pytest.fixture
def url(fresh: dict[str, str]) -> str:
    return fresh["DATABASE_URL"]


def fill(fresh: dict[str, str], clients: int) -> None:
    """Make clients of the present release, and the table in which made-up steps leave a row."""
    with another_application(settings_from(fresh)):
        flask_migrate.upgrade()
        for number in range(clients):
            registration.register(SystemActor(), client_name=f"Client {number}")
    url = fresh["DATABASE_URL"]
    change(url, "CREATE TABLE steps_taken (client_id VARCHAR(32), step INTEGER, pid INTEGER, moment FLOAT)")
    if not url.startswith("sqlite"):
        change(url, "GRANT SELECT ON steps_taken TO PUBLIC")


def change(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@dataclass
class Migrator:
    """A `flask db upgrade` in a process of its own, and what it says."""

    process: ForkServerProcess
    heard: "Connection[None, str]"

    def hear(self, steps: int) -> None:
        """Listen to so many steps, or to its end."""
        for _ in range(steps):
            try:
                self.heard.recv()
            except EOFError:
                return

    def end(self) -> int:
        """Listen to its end; return its exit status."""
        self.hear(10**6)
        self.process.join(timeout=30)
        assert self.process.exitcode is not None
        return self.process.exitcode


def migrator(fresh: dict[str, str], **options: Any) -> Migrator:
    """Start a migrator."""
    heard, told = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=migrate, args=(fresh, told), kwargs=options, daemon=True)
    process.start()
    told.close()
    return Migrator(process, heard)


def kill_after(fresh: dict[str, str], steps: int) -> None:
    """Kill a migrator in the middle of its work."""
    running = migrator(fresh, pause=0.001)
    running.hear(steps)
    running.process.kill()
    running.process.join()
    assert running.process.exitcode == -signal.SIGKILL


def versions(url: str) -> dict[str, int]:
    """Return the version that each client's row says its table has, by the table's digits."""
    rows = database.rows(url, "SELECT client_id, users_schema_version AS version FROM clients")
    return {UUID(str(row["client_id"])).hex: row["version"] for row in rows}


def steps_taken(url: str) -> dict[str, list[int]]:
    """Return the steps that each table has been through."""
    taken: dict[str, list[int]] = {}
    for row in database.rows(url, "SELECT client_id, step FROM steps_taken ORDER BY step"):
        taken.setdefault(row["client_id"], []).append(row["step"])
    return taken


def assert_ledger_is_true(url: str) -> None:
    """Assert that every table has the columns and indexes that its client's row says, and took each step once."""
    shapes, taken = catalogue.of(url), steps_taken(url)
    for digits, version in versions(url).items():
        lines = shapes[f"users_{digits}"]
        columns = {line.split()[1] for line in lines if line.startswith("column ")}
        assert (columns >= {column.name for column in ADDED.values()}) == (version == TARGET), digits
        assert any("updated_at)" in line for line in lines) == (version == TARGET), digits
        assert taken.get(digits, STEPS if version == TARGET else []) == (STEPS if version == TARGET else []), digits


@contextmanager
def registrations(api: httpx.Client) -> Iterator[list[Tenant]]:
    """Register clients one after the other until the block ends."""
    born: list[Tenant] = []
    ending = threading.Event()

    def work() -> None:
        while not ending.wait(0.2):
            born.append(register(api))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield born
    finally:
        ending.set()
        thread.join()


def test_R_11_upgrades_killed_and_two_at_once_beside_registrations_leave_no_table_out_and_none_twice(
    fresh: dict[str, str], url: str
) -> None:
    fill(fresh, CLIENTS)
    before = versions(url)
    with servers.rowlock_server(fresh) as server, httpx.Client(base_url=server.base_url, timeout=30) as api:
        old = register(api)
        person = old.sign_up()
        with registrations(api) as born:
            for _ in range(KILLS):
                kill_after(fresh, random.randint(1, CLIENTS // KILLS * 2))
        assert_ledger_is_true(url)
        assert person.call("GET", "/me").status_code == 200
        with registrations(api) as born_later:
            assert [one.end() for one in (migrator(fresh, pause=0.001), migrator(fresh, pause=0.001))] == [0, 0]
        new = register(api)
        assert [client.sign_up().call("GET", "/me").status_code for client in (old, born_later[-1], new)] == [200] * 3
    after = versions(url)
    assert len(after) == len(before) + 2 + len(born + born_later)
    assert_ledger_is_true(url)
    if url.startswith("sqlite"):
        # There a server makes users tables by itself, so those of an old server are for the next run.
        assert all(after[digits] == TARGET for digits in before)
        assert migrator(fresh).end() == 0
        assert_ledger_is_true(url)
    assert set(versions(url).values()) == {TARGET}
    assert {digits for digits in before if steps_taken(url)[digits] == STEPS} == before.keys()


def test_R_11_a_batch_and_the_note_that_it_is_done_are_one_transaction(fresh: dict[str, str], url: str) -> None:
    fill(fresh, 3)
    for moment in ("before", "after"):
        killed = migrator(fresh, dies=moment)
        assert killed.end() == -signal.SIGKILL
        assert_ledger_is_true(url)
        assert set(versions(url).values()) == {2}, moment
    assert migrator(fresh).end() == 0
    assert steps_taken(url) == dict.fromkeys(versions(url), STEPS)
    assert_ledger_is_true(url)


def test_R_11_two_upgrades_never_work_at_once(fresh: dict[str, str], url: str) -> None:
    fill(fresh, 30)
    assert [one.end() for one in [migrator(fresh, pause=0.002) for _ in range(2)]] == [0, 0]
    rows = database.rows(url, "SELECT pid FROM steps_taken")
    assert len(rows) == 31 * len(STEPS)
    assert len({row["pid"] for row in rows}) == 1


DIGITS = "SELECT slug, lower(replace(CAST(client_id AS VARCHAR(36)), '-', '')) AS digits FROM clients"


@pytest.fixture
def postgresql(postgres: servers.PostgresServer, tmp_path: Path) -> dict[str, str]:
    """Settings over a PostgreSQL database of this test's own."""
    return settings_over(postgres.create_database(), tmp_path)


def test_R_11_busy_tables_come_last_are_named_and_are_done_by_the_next_run(postgresql: dict[str, str]) -> None:
    fill(postgresql, 4)
    url = postgresql["DATABASE_URL"]
    busy = {row["digits"] for row in database.rows(url, f"{DIGITS} WHERE slug IN ('client-0', 'client-2')")}
    engine = create_engine(url)
    with engine.begin() as backup:
        for digits in busy:
            backup.execute(text(f'LOCK TABLE "users_{digits}" IN ACCESS SHARE MODE'))
        assert migrator(postgresql).end() == 1
        assert {digits for digits, version in versions(url).items() if version == 2} == busy
        assert_ledger_is_true(url)
        assert migrator(postgresql, arguments=("--canary", "client-2")).end() == 1
    engine.dispose()
    assert migrator(postgresql).end() == 0
    assert set(versions(url).values()) == {TARGET}
    assert_ledger_is_true(url)


def test_R_11_a_client_that_is_being_registered_at_the_end_is_waited_for(postgresql: dict[str, str]) -> None:
    fill(postgresql, 1)
    url, engine, born = postgresql["DATABASE_URL"], create_engine(postgresql["DATABASE_URL"]), uuid4()
    with engine.connect() as connection, connection.begin() as registering:
        connection.execute(text("SET LOCAL ROLE rowlock_across"))
        connection.execute(text(_ANOTHER), {"client_id": born})
        connection.execute(text("SELECT rowlock_create_users_table(:client_id)"), {"client_id": born})
        upgrade = migrator(postgresql)
        upgrade.hear(2 * len(STEPS))
        upgrade.process.join(timeout=0.3)
        assert upgrade.process.exitcode is None
        registering.commit()
    engine.dispose()
    assert upgrade.end() == 0
    assert versions(url)[born.hex] == TARGET
    assert_ledger_is_true(url)


_ANOTHER = """
INSERT INTO clients SELECT (jsonb_populate_record(clients, jsonb_build_object('client_id', :client_id, 'slug', 'born')))
.* FROM clients WHERE slug = 'client-0'
"""


def test_indexes_of_big_tables_are_built_beside_writers_even_after_a_kill(
    postgresql: dict[str, str], postgres: servers.PostgresServer
) -> None:
    fill(postgresql, 3)
    url = postgresql["DATABASE_URL"]
    first, *_ = sorted(versions(url))
    change(url, f'CREATE INDEX "users_{first}_updated_at" ON "users_{first}" (email)')
    broken = make_url(postgres.admin_url).set(drivername="postgresql+psycopg2", database=make_url(url).database)
    spoil = f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_{first}_updated_at'::regclass"
    change(broken.render_as_string(hide_password=False), spoil)
    assert migrator(postgresql, big_from=-1).end() == 0
    assert_ledger_is_true(url)
    assert set(versions(url).values()) == {TARGET}
    assert database.rows(url, "SELECT 1 FROM pg_index WHERE NOT indisvalid") == []


def set_back(url: str, which: str = "") -> None:
    """Let clients' rows say that their tables have version 1."""
    engine = database.seeing_all(url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE clients SET users_schema_version = 1 {which}"))
    engine.dispose()


def indexed(url: str) -> set[str]:
    """Return the digits of the users tables that have the index of version 2."""
    return {
        name.removeprefix("users_")
        for name, lines in catalogue.of(url).items()
        if any("created_at, user_id" in line for line in lines)
    }


def status(fresh: dict[str, str]) -> Any:
    """Return what `flask tables status` says."""
    said = servers.flask("tables", "status", "--json", environment=fresh)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_one_client_first_then_the_status_says_what_is_left(fresh: dict[str, str], url: str) -> None:
    fill(fresh, 2)
    digits = {row["slug"]: row["digits"] for row in database.rows(url, DIGITS)}
    for name in digits.values():
        change(url, f'DROP INDEX "users_{name}_created_at"')
    set_back(url)
    refused = servers.flask("db", "upgrade", "--canary", "nobody", environment=fresh)
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (
        1,
        "Error: There is no client 'nobody'; no users table was changed.",
    )
    done = servers.flask("db", "upgrade", "--canary", "client-0", "--pause", "0.01", environment=fresh)
    assert "2 others are behind and go on being served" in done.stdout
    assert indexed(url) == {digits["client-0"]}
    left = [{"slug": slug, "client_id": str(UUID(digits[slug])), "version": 1} for slug in ("client-1", "platform")]
    expected = {"newest": 2, "versions": {"1": 2, "2": 1}, "left": 2, "upgrade_runs": False, "behind": left}
    assert status(fresh) == expected
    assert servers.flask("doctor", environment=fresh).returncode == 0
    assert "Users tables: 2 brought to version 2" in servers.flask("db", "upgrade", environment=fresh).stdout
    assert indexed(url) == set(digits.values())
    again = servers.flask("db", "upgrade", "--canary", "client-0", environment=fresh)
    assert again.stdout.splitlines()[-1] == "The users table of client-0 has version 2, as every other."
    assert (
        servers.flask("db", "upgrade", environment=fresh).stdout.splitlines()[-1] == "Every users table has version 2."
    )
    done_with = {"newest": 2, "versions": {"2": 3}, "left": 0, "upgrade_runs": False, "behind": []}
    assert status(fresh) == done_with


def first_version(name: str) -> sa.Table:
    """Return a users table as version 1 made it, for all time."""
    moment = sa.DateTime(timezone=True)
    table = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_verified", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("full_name", sa.String(120)),
        sa.Column("username", sa.String(32)),
        sa.Column("avatar_url", sa.String(2048)),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("custom_fields", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("password_version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("last_login_at", moment),
    )
    sa.Index(f"{name}_email", table.c.email, unique=True)
    sa.Index(f"{name}_username", sa.func.lower(table.c.username), unique=True)
    return table


def test_R_11_a_new_clients_table_equals_one_that_came_all_the_way_from_version_1(
    fresh: dict[str, str], url: str
) -> None:
    with another_application(settings_from(fresh)):
        flask_migrate.upgrade()
        old, new = (registration.register(SystemActor(), client_name=name).client_id.hex for name in ("Old", "New"))
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(f'DROP TABLE "users_{old}"'))
            first_version(f"users_{old}").create(connection)
        engine.dispose()
        set_back(url, "WHERE client_name = 'Old'")
        flask_migrate.upgrade()
    shapes = catalogue.of(url)
    assert len(shapes[f"users_{old}"]) >= 18
    assert shapes[f"users_{old}"] == shapes[f"users_{new}"]
    assert versions(url)[old] == versions(url)[new]
    if not url.startswith("sqlite"):
        assert protection(url, old) == protection(url, new)


def protection(url: str, digits: str) -> list[dict[str, Any]]:
    """Return what keeps a users table its client's alone, without the client's id."""
    query = (
        "SELECT relrowsecurity, relforcerowsecurity, relacl::text, pg_get_userbyid(relowner) AS owner, polname,"
        " replace(pg_get_expr(polqual, c.oid), :client_id, '') AS condition"
        " FROM pg_class c JOIN pg_policy ON polrelid = c.oid WHERE relname = :name ORDER BY polname"
    )
    return database.rows(url, query, name=f"users_{digits}", client_id=str(UUID(digits)))
