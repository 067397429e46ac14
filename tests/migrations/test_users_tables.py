"""Schema changes of the clients' tables: each exactly once, however often the migrator is killed."""

import multiprocessing
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from uuid import UUID

import flask_migrate
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import create_engine, text

from app.core.actors import SystemActor
from app.onboarding import registration
from migrations import users_tables
from tests import database, servers
from tests.conftest import DATABASES, GENEROUS, NO_WINDOWS, SECRET_KEY, settings_from
from tests.factories import register
from tests.migrations import catalogue
from tests.migrations.migrator import TARGET, migrate
from tests.support.applications import another_application

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.migrations.migrator"])  # imported once, then each migrator starts at once
CLIENTS = 104
TABLES = CLIENTS + 1  # the platform's own too
KILLED_AFTER = (30, 130)  # steps, of two each table: within the first batch, within the second
STEPS = [2, 3]


@pytest.fixture(params=DATABASES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path, postgres: servers.PostgresServer) -> dict[str, str]:
    """Settings over a database of this test's own."""
    url = postgres.create_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'fresh.db'}"
    limits = dict.fromkeys(("CLIENT_REGISTRATION_LIMIT", "CLIENT_REGISTRATION_GLOBAL_LIMIT", "SIGNUP_LIMIT"), GENEROUS)
    instance = {"INSTANCE_PATH": str(tmp_path / "instance"), "BCRYPT_ROUNDS": "4"}
    return {"APP_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "TIERS": NO_WINDOWS, **instance, **limits}


@pytest.fixture
def url(fresh: dict[str, str]) -> str:
    return fresh["DATABASE_URL"]


@pytest.fixture
def many(fresh: dict[str, str]) -> Iterator[None]:
    """Many clients at version 1, and the table in which made-up steps leave a row."""
    with another_application(settings_from(fresh)):
        flask_migrate.upgrade()
        for number in range(CLIENTS):
            registration.register(SystemActor(), client_name=f"Client {number}")
        change(fresh["DATABASE_URL"], "CREATE TABLE steps_taken (client_id VARCHAR(32), step INTEGER)")
        yield


def change(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@dataclass
class Migrator:
    """A migrator in a process of its own, and what it says."""

    process: ForkServerProcess
    heard: "Connection[None, str | int]"

    def end(self) -> int:
        """Listen to its end; return how many tables it says it changed."""
        while isinstance(said := self.heard.recv(), str):
            continue
        self.process.join(timeout=30)
        assert self.process.exitcode == 0
        return said


def migrator(fresh: dict[str, str], *, pause: float = 0) -> Migrator:
    """Start a migrator."""
    heard, told = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=migrate, args=(fresh, pause, told), daemon=True)
    process.start()
    told.close()
    return Migrator(process, heard)


def kill_after(fresh: dict[str, str], steps: int) -> None:
    """Kill a migrator in the middle of its work."""
    running = migrator(fresh, pause=0.001)
    for _ in range(steps):
        assert isinstance(running.heard.recv(), str)
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
    """Assert that every table has the columns of the version that its client's row names, and took each step once."""
    shapes, taken = catalogue.of(url), steps_taken(url)
    for digits, version in versions(url).items():
        columns = {line.split()[1] for line in shapes[f"users_{digits}"] if line.startswith("column ")}
        assert (columns >= {"nickname", "score"}) == (version == TARGET), digits
        assert taken.get(digits, []) == (STEPS if version == TARGET else []), digits


@pytest.mark.usefixtures("many")
def test_R_11_a_migrator_that_is_killed_goes_on_where_it_stopped_and_changes_each_table_once(
    fresh: dict[str, str], url: str
) -> None:
    changed = []
    for steps in KILLED_AFTER:
        kill_after(fresh, steps)
        assert_ledger_is_true(url)
        changed.append(list(versions(url).values()).count(TARGET))
    assert changed == [0, users_tables.BATCH]
    assert migrator(fresh).end() == TABLES - users_tables.BATCH
    assert versions(url).keys() == steps_taken(url).keys()
    assert set(versions(url).values()) == {TARGET}
    assert_ledger_is_true(url)


@pytest.mark.usefixtures("many")
def test_R_11_two_migrators_and_registrations_at_once_leave_no_table_out_and_none_twice(
    fresh: dict[str, str], url: str
) -> None:
    with servers.rowlock_server(fresh) as server, httpx.Client(base_url=server.base_url, timeout=30) as api:
        before = register(api)
        person = before.sign_up()
        running = [migrator(fresh, pause=0.002) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            ends = [pool.submit(one.end) for one in running]
            born, served = [], set()
            while not all(end.done() for end in ends):
                born.append(register(api))
                served |= {before.sign_up().path, person.call("GET", "/me").status_code}
                time.sleep(0.02)
        changed = sum(end.result() for end in ends)
        assert len(born) > 1
        assert served == {before.path, 200}
        assert_ledger_is_true(url)
        # A client that the old code registered after the last look is for the next run.
        changed += migrator(fresh).end()
        assert changed == TABLES + 1 + len(born) == len(versions(url))
        assert set(versions(url).values()) == {TARGET}
        assert_ledger_is_true(url)
        assert [client.sign_up().call("GET", "/me").status_code for client in (before, born[0], born[-1])] == [200] * 3


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
            connection.execute(text("UPDATE clients SET users_schema_version = 1 WHERE client_name = 'Old'"))
        engine.dispose()
        flask_migrate.upgrade()
    shapes = catalogue.of(url)
    assert len(shapes[f"users_{old}"]) >= 17
    assert shapes[f"users_{old}"] == shapes[f"users_{new}"]
    assert versions(url)[old] == versions(url)[new]
