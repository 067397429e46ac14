"""Each client is led to one connection of a pool, so that its table is met by one of them and not by all."""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import make_url, text

from app.core import db, isolation
from app.core.engines import AUTOCOMMIT
from app.core.isolation import Crossing
from app.core.settings import settings
from app.extensions import db as extension
from tests.database import change
from tests.servers import PostgresServer
from tests.support.applications import another_application

THREADS = 4


@pytest.fixture
def pooled(app: Flask) -> Iterator[Flask]:
    """An application of four threads, and so of four connections."""
    with another_application(replace(settings(), threads=THREADS)) as application:
        yield application


def asked() -> int:
    """Return which server process answers on the connection in force."""
    return int(db.execute(text("SELECT pg_backend_pid()")).scalar_one())


def connection_of(client_id: UUID) -> int:
    with isolation.within(client_id), db.reading():
        return asked()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_client_is_led_to_the_same_connection_by_reads_and_writes(pooled: Flask) -> None:
    clients = [uuid4() for _ in range(40)]
    met = defaultdict(set)
    for client_id in clients * 3:
        met[client_id].add(connection_of(client_id))
        with isolation.within(client_id), db.unit_of_work():
            met[client_id].add(asked())

    assert {len(connections) for connections in met.values()} == {1}
    assert len(set.union(*met.values())) == THREADS


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_client_whose_connection_is_taken_is_led_to_a_second_one_and_does_not_wait(pooled: Flask) -> None:
    own, second, *_ = [connection_of(UUID(int=number)) for number in (2, 1, 0, 3)]
    client_id = UUID(int=(1 << 16) + 2)
    others = []

    def also() -> None:
        with pooled.app_context():
            others.append(connection_of(client_id))

    with isolation.within(client_id), db.reading():
        assert asked() == own
        for _ in range(3):
            thread = threading.Thread(target=also)
            thread.start()
            thread.join()

    assert others == [second] * 3
    assert connection_of(client_id) == own


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_asks_for_one_client_or_none_opens_no_more_connections_than_it_needs(pooled: Flask) -> None:
    pool, client_id = extension.engines[AUTOCOMMIT].pool, uuid4()
    for _ in range(8):
        connection_of(client_id)
        with isolation.across(Crossing.SHELL), db.reading():
            asked()

    assert pool.checkedin() == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_where_postgresql_refuses_a_further_connection_those_that_are_there_serve(
    pooled: Flask, postgres: PostgresServer, database_url: str
) -> None:
    pool, role = extension.engines[AUTOCOMMIT].pool, make_url(database_url).username
    served, administrator = {connection_of(uuid4())}, postgres.admin_url.replace("://", "+psycopg2://")
    change(administrator, f'ALTER ROLE "{role}" CONNECTION LIMIT 0')
    try:
        served |= {connection_of(uuid4()) for _ in range(40)}
    finally:
        change(administrator, f'ALTER ROLE "{role}" CONNECTION LIMIT -1')

    assert len(served) == 1 and pool.checkedin() == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_pool_is_as_large_as_it_says_however_many_clients_ask_at_once(pooled: Flask) -> None:
    pool = extension.engines[AUTOCOMMIT].pool
    connections, failed = set[int](), list[BaseException]()

    def ask_often() -> None:
        try:
            with pooled.app_context():
                connections.update(connection_of(uuid4()) for _ in range(50))
        except BaseException as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=ask_often) for _ in range(3 * THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    assert not pool.logger.isEnabledFor(logging.INFO)  # what a pool does in passing is not for the service's log
    assert len(connections) == THREADS and pool.checkedin() == THREADS  # type: ignore[attr-defined]
