"""PostgreSQL connections that die, in the pool or within a unit of work, and how transactions are framed on them."""

import re
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import db, errors
from app.core.engines import AUTOCOMMIT
from app.extensions import db as extension
from tests.core.rows import ADD_TOKEN, in_unit, kept, put, put_later, token_count, token_row
from tests.flows.observing import watched

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        for engine in extension.engines.values():
            engine.dispose()  # the pool tells by the clock what died with others, and tests have moved the clock
        yield
        for engine in extension.engines.values():
            engine.dispose()  # or another test meets what died here


@pytest.fixture
def name() -> str:
    """A name that no row has."""
    return f"test {uuid.uuid4().hex}"


def terminate_all() -> None:
    """Cut every connection to the database but the one that says so."""
    engine = extension.engines[None]
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def warmed_up() -> None:
    """Fill the pool, then cut its connections."""
    with db.reading():
        db.execute(select(1))
    terminate_all()


def test_R_03_reading_goes_on_over_a_connection_that_died_in_the_pool(name: str) -> None:
    warmed_up()
    with db.reading():
        assert in_unit(name) == []


def test_R_03_a_unit_of_work_goes_on_over_a_connection_that_died_in_the_pool(database_url: str, name: str) -> None:
    warmed_up()
    with db.unit_of_work():
        put(name)
        put_later(f"{name} later")
    assert kept(database_url, name) == kept(database_url, f"{name} later") == [b"x"]


def test_R_03_deferred_writes_alone_are_sent_again_and_are_there_once(database_url: str, name: str) -> None:
    warmed_up()
    digest = uuid.uuid4().bytes * 2
    with db.unit_of_work():
        put_later(name)
        db.add_later(ADD_TOKEN, token_row(digest))
    assert (kept(database_url, name), token_count(digest)) == ([b"x"], 1)


def test_R_03_a_connection_that_dies_within_a_unit_ends_it_and_nothing_is_kept(database_url: str, name: str) -> None:
    done: list[str] = []
    with pytest.raises(errors.TemporarilyUnavailable), db.unit_of_work():
        db.after_commit(lambda: done.append("ran"))
        put(name)
        terminate_all()
        put(f"{name} second")
    with pytest.raises(errors.TemporarilyUnavailable), db.unit_of_work():
        db.after_commit(lambda: done.append("ran"))
        put(name)
        terminate_all()
    assert (kept(database_url, name), kept(database_url, f"{name} second"), done) == ([], [], [])
    with db.unit_of_work():
        put(name)
    assert kept(database_url, name) == [b"x"]
    pools = [extension.engines[name].pool for name in (None, AUTOCOMMIT)]
    assert [pool.checkedout() for pool in pools] == [0, 0]  # type: ignore[attr-defined]


def test_begin_and_commit_travel_with_the_statements(app: Flask, name: str) -> None:
    with watched(app) as work, db.unit_of_work():
        put(name)
        put_later(f"{name} later")
        db.add_later(ADD_TOKEN, token_row(uuid.uuid4().bytes * 2))
    assert len(work.statements) == 2
    assert re.match(r"BEGIN; SET LOCAL ROLE \w+; SET LOCAL rowlock.client_id = ''; INSERT", work.statements[0])
    assert work.statements[1].endswith("; COMMIT")


def test_a_connection_comes_back_to_the_pool_outside_any_transaction(name: str) -> None:
    with pytest.raises(errors.Conflict), db.unit_of_work():
        put(name)
        put(name)
    pool = extension.engines[AUTOCOMMIT].pool
    held = [pool.connect() for _ in range(pool.size())]  # type: ignore[attr-defined]
    statuses = {connection.get_transaction_status() for connection in held}
    for connection in held:
        connection.close()
    assert statuses == {0}
