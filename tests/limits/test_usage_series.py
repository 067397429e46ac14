"""The usage series: every call counted once, in the hour and the day it was made, whoever writes and whatever fails."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import flask_migrate
import psycopg2
import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.core import background, db, sums
from app.core.errors import TemporarilyUnavailable
from app.core.settings import changed
from app.limits import usage, usage_store
from tests import database, servers
from tests.concurrency import at_once
from tests.conftest import client_from, settings_from
from tests.factories import Tenant, register
from tests.limits import noting
from tests.servers import ROOT, clean_environment
from tests.support.applications import another_application

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def client_id(tenant: Tenant) -> UUID:
    return UUID(tenant.client_id)


def total(client_id: UUID, key_id: UUID | None = None) -> tuple[int, int]:
    """Return the requests and refusals of a test: it may run over the end of an hour, or of a day."""
    told = usage.series(client_id, key_id, hours=2, days=2)
    by_hour, by_day = ([(one["requests"], one["refusals"]) for one in told[name]] for name in ("per_hour", "per_day"))
    requests, refusals = (sum(column) for column in zip(*by_hour, strict=True))
    assert [sum(column) for column in zip(*by_day, strict=True)] == [requests, refusals]
    return requests, refusals


def kept(url: str, client_id: UUID) -> int:
    """Return how many rows a client has."""
    return database.count(url, "rate_limit_usage", "client_id = :id", id=database.uuid_text(url, str(client_id)))


@pytest.fixture
def away(database_url: str, request: pytest.FixtureRequest) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Take the database away for a while: PostgreSQL lets nobody in, SQLite has lost the table."""
    if database_url.startswith("sqlite"):
        return lambda: without_table(database_url)
    server: servers.PostgresServer = request.getfixturevalue("postgres")
    return lambda: without_connections(server, database_url.rpartition("/")[2])


@contextlib.contextmanager
def without_table(url: str) -> Iterator[None]:
    engine = database.seeing_all(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE rate_limit_usage RENAME TO elsewhere"))
        yield
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO rate_limit_usage"))
    finally:
        engine.dispose()


@contextlib.contextmanager
def without_connections(server: servers.PostgresServer, name: str) -> Iterator[None]:
    connection = psycopg2.connect(server.admin_url)
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        cursor.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            cursor.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    finally:
        connection.close()


def test_what_twenty_threads_note_while_others_write_is_counted_once(app: Flask, client_id: UUID) -> None:
    keys = [uuid4() for _ in range(3)]

    def note(number: int) -> None:
        with app.app_context():
            for turn in range(300):
                usage.note(client_id, keys[turn % 3], requests=1, refusals=turn % 2)
                usage.note(client_id, None, requests=2)
                if turn % 60 == number:
                    usage.flush()

    at_once(20, note)
    assert [total(client_id, key) for key in keys] == [(2000, 1000)] * 3
    assert total(client_id) == (12_000, 0)


def test_processes_that_write_the_same_keys_at_once_lose_nothing_nor_does_their_end(
    client_id: UUID, environment: dict[str, str], database_url: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.limits.noting", str(client_id)],
        cwd=ROOT, env=clean_environment(environment), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    query = "SELECT key_id, period, sum(requests) AS n FROM rate_limit_usage WHERE client_id = :id GROUP BY 1, 2"
    found = database.rows(database_url, query, id=database.uuid_text(database_url, str(client_id)))
    counted = {(UUID(str(row["key_id"])), row["period"]): int(row["n"]) for row in found}
    times = {noting.key(number): noting.PROCESSES * (noting.ROUNDS + 1) for number in range(noting.KEYS)}
    times[usage.CLIENT_ITSELF] = noting.HELD_AT_THE_FORK
    assert counted == {(key, name): number for key, number in times.items() for name in ("hour", "day")}


def test_R_03_what_cannot_be_written_while_the_database_is_away_is_written_once_when_it_is_back(
    client_id: UUID, away: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    usage.note(client_id, None, requests=1)
    with away():
        with pytest.raises(TemporarilyUnavailable):
            usage.flush()
        usage.note(client_id, None, requests=2)
        assert background.run_all() is False
    usage.note(client_id, None, refusals=4)
    assert total(client_id) == total(client_id) == (3, 4)


def test_a_commit_whose_outcome_is_not_known_counts_nothing_twice(
    client_id: UUID, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = db._commit

    def unanswered(unit: Any) -> None:
        if database_url.startswith("postgresql"):  # SQLite always answers, and then nothing is committed
            commit(unit)
        raise TemporarilyUnavailable()

    usage.note(client_id, None, requests=1)
    with monkeypatch.context() as patched, pytest.raises(TemporarilyUnavailable):
        patched.setattr(db, "_commit", unanswered)
        usage.flush()
    assert total(client_id) == total(client_id) == (1, 0)


def test_no_more_is_kept_than_the_memory_allows_and_what_is_there_counts_on(
    client_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage.flush()
    monkeypatch.setattr(sums, "MOST_KEPT", 2)
    keys = [uuid4() for _ in range(3)]
    for key in [*keys, *keys]:
        usage.note(client_id, key, requests=1)
    assert [total(client_id, key) for key in keys] == [(2, 0), (2, 0), (0, 0)]


def test_a_call_counts_in_the_hour_and_the_day_in_which_it_was_made_and_gaps_are_zero(client_id: UUID) -> None:
    key = uuid4()
    moments = {NEW_YEAR - timedelta(hours=2): 1, NEW_YEAR - INSTANT: 2, NEW_YEAR: 4, NEW_YEAR + timedelta(hours=2): 8}
    for moment, requests in moments.items():
        with time_machine.travel(moment, tick=False):
            usage.note(client_id, key, requests=requests, refusals=1)
    with time_machine.travel(NEW_YEAR + timedelta(hours=3) - INSTANT, tick=False):
        told = usage.series(client_id, key, hours=5, days=3)
        assert usage.series(client_id, None, hours=1, days=1)["per_hour"] == [period(2, 0, 0)]
    assert told["per_hour"] == [period(-2, 1, 1), period(-1, 2, 1), period(0, 4, 1), period(1, 0, 0), period(2, 8, 1)]
    assert told["per_day"] == [period(-48, 0, 0), period(-24, 3, 2), period(0, 12, 2)]


def period(hours: int, requests: int, refusals: int) -> dict[str, Any]:
    """Return what a series says of what began so many hours after New Year."""
    return {"started_at": NEW_YEAR + timedelta(hours=hours), "requests": requests, "refusals": refusals}


def test_refusals_of_a_client_are_told_by_the_hour(client_id: UUID) -> None:
    with time_machine.travel(NEW_YEAR, tick=False):
        usage.note(client_id, None, requests=3, refusals=2)
        usage.note(client_id, uuid4(), refusals=5)
        told = usage.refusals_per_hour(client_id, hours=2)
        assert len(usage.refusals_per_hour(client_id)) == 24
    assert told == [{"started_at": NEW_YEAR - timedelta(hours=1), "refusals": 0},
                    {"started_at": NEW_YEAR, "refusals": 2}]  # fmt: skip


def test_what_is_older_than_the_settings_keep_is_pruned_in_batches(
    client_id: UUID, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(usage, "_PRUNED_AT_ONCE", 3)
    monkeypatch.setattr(usage, "_next_pruning", {})
    now = NEW_YEAR + timedelta(minutes=30)
    for hours in (0, 47, 49, 24 * 10, 24 * 29, 24 * 31):  # each is an hour and a day of its own
        with time_machine.travel(now - timedelta(hours=hours), tick=False):
            usage.note(client_id, None, requests=1)
    usage.flush()
    assert kept(database_url, client_id) == 12
    monkeypatch.setattr(background, "note_work", lambda: asked.append(True))
    with changed(usage_hourly_kept_days=2, usage_daily_kept_days=30), time_machine.travel(now, tick=False):
        for _ in range(4):
            usage.prune()
        left = usage.series(client_id, None, hours=24 * 40, days=40)
    assert sum(hour["requests"] for hour in left["per_hour"]) == 2
    assert sum(day["requests"] for day in left["per_day"]) == 5
    assert len(asked) == 1  # five rows: a full batch, then the rest; after that it waits for an hour


def test_the_background_writes_within_its_interval_and_a_fault_does_not_end_it(
    client_id: UUID, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, faults = usage_store.add, [ValueError("a fault of ours")]

    def failing(rows: list[usage_store.Row]) -> None:
        if faults:
            raise faults.pop()
        add(rows)

    background.run_all()
    background._begin_anew()  # the thread of the tests before sleeps for an hour
    monkeypatch.setattr(background, "INTERVAL_SECONDS", 0.05)
    monkeypatch.setattr(usage_store, "add", failing)
    usage.note(client_id, None, requests=1)
    deadline = time.monotonic() + 10  # the turn before may still wait for its own interval
    while not kept(database_url, client_id):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert faults == []
    assert total(client_id) == (1, 0)


def test_what_one_application_noted_is_not_written_to_the_database_of_another(
    client_id: UUID, database_url: str, environment: dict[str, str], tmp_path: Path
) -> None:
    usage.note(client_id, None, requests=1)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with another_application(settings_from(environment | {"DATABASE_URL": url})) as another:
        flask_migrate.upgrade()
        elsewhere = UUID(register(client_from(another, "127.0.0.1")).client_id)
        usage.note(elsewhere, None, requests=2)
        assert background.run_all()
        assert (total(elsewhere), total(client_id)) == ((2, 0), (0, 0))
    assert kept(url, elsewhere) == 2
    assert (total(elsewhere), total(client_id)) == ((0, 0), (1, 0))
