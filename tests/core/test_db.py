"""Units of work: what is committed and when, and what is not."""

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.core import db, errors, isolation
from app.core.engines import AUTOCOMMIT
from app.core.isolation import Crossing
from app.extensions import db as extension
from app.users import service as users
from tests.concurrency import at_once
from tests.core.rows import ADD_TOKEN, CHANGE, in_unit, kept, put, put_later, token_count, token_row

NESTING_IS_NOTICED_WITHIN = 1.0


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def name() -> str:
    """A name that no row has."""
    return f"test {uuid.uuid4().hex}"


class TestCommit:
    def test_what_a_unit_wrote_is_seen_by_others_only_after_its_end(self, database_url: str, name: str) -> None:
        with db.unit_of_work():
            put(name)
            assert kept(database_url, name) == []
            assert in_unit(name) == [b"x"]
        assert kept(database_url, name) == [b"x"]

    @pytest.mark.parametrize("error", [ValueError("fault"), errors.InvalidRequest()])
    def test_raising_takes_everything_back_tables_included(
        self, database_url: str, name: str, error: Exception
    ) -> None:
        client, done = uuid.uuid4(), []
        with pytest.raises(type(error)), db.unit_of_work():
            put(name)
            users.create_table(client)
            put_later(f"{name} later")
            db.after_commit(lambda: done.append("ran"))
            raise error
        assert (kept(database_url, name), kept(database_url, f"{name} later"), done) == ([], [], [])
        with db.unit_of_work():
            users.create_table(client)
            users.drop_table(client)

    def test_an_error_that_keeps_its_writes_commits_them_and_is_raised(self, database_url: str, name: str) -> None:
        done = []
        with pytest.raises(errors.TokenRevoked), db.unit_of_work():
            put(name)
            put_later(f"{name} later")
            db.after_commit(lambda: done.append(kept(database_url, name)))
            raise errors.TokenRevoked()
        assert kept(database_url, name) == kept(database_url, f"{name} later") == [b"x"]
        assert done == [[b"x"]]

    def test_follow_ups_run_in_order_once_others_see_the_writes_and_may_write_themselves(
        self, database_url: str, name: str
    ) -> None:
        seen: list[Any] = []

        def follow_up() -> None:
            with db.unit_of_work():
                put(f"{name} after")

        with db.unit_of_work():
            db.after_commit(lambda: seen.append(kept(database_url, name)))
            db.after_commit(follow_up)
            put(name)
            assert seen == []
        assert seen == [[b"x"]]
        assert kept(database_url, f"{name} after") == [b"x"]

    @pytest.mark.parametrize("ends_by", [errors.TokenRevoked(), None])
    def test_a_unit_that_goes_on_after_a_failed_statement_never_passes_for_committed_when_it_was_not(
        self, database_url: str, name: str, ends_by: errors.AppError | None
    ) -> None:
        """SQLite takes back the statement alone, PostgreSQL all of the transaction, and answers COMMIT all the same."""
        done: list[str] = []
        raised = None
        try:
            with db.unit_of_work():
                db.after_commit(lambda: done.append("ran"))
                put(name)
                with contextlib.suppress(errors.Conflict):
                    put(name)
                if ends_by is not None:
                    raise ends_by
        except (errors.TokenRevoked, RuntimeError) as error:
            raised = error
        committed = kept(database_url, name) == [b"x"]
        assert (done == ["ran"]) == committed
        if ends_by is not None or committed:
            assert raised is ends_by
        else:
            assert isinstance(raised, RuntimeError)

    def test_a_taken_key_is_a_conflict_that_names_no_table(self, name: str) -> None:
        with pytest.raises(errors.Conflict) as raised, db.unit_of_work():
            put(name)
            put(name)
        assert "installation" not in raised.value.detail


class TestDoors:
    def test_a_statement_outside_any_unit_is_a_fault(self, name: str) -> None:
        outside: list[Callable[[], object]] = [lambda: put(name), db.connection]
        for attempt in outside:
            with pytest.raises(RuntimeError, match="outside reading"):
                attempt()
        writes: list[Callable[[], None]] = [lambda: put_later(name), lambda: db.after_commit(lambda: None)]
        for write in writes:
            with pytest.raises(RuntimeError, match="outside unit_of_work"):
                write()
            with db.reading(), pytest.raises(RuntimeError, match="outside unit_of_work"):
                write()

    def test_units_of_work_do_not_nest_and_say_so_at_once(self, database_url: str, name: str) -> None:
        began = time.monotonic()
        with db.unit_of_work():
            put(name)
            with pytest.raises(RuntimeError, match="do not nest"), db.unit_of_work():
                put(f"{name} inner")
        assert time.monotonic() - began < NESTING_IS_NOTICED_WITHIN
        assert (kept(database_url, name), kept(database_url, f"{name} inner")) == ([b"x"], [])
        with db.reading(), pytest.raises(RuntimeError, match="do not nest"), db.unit_of_work():
            put(f"{name} inner")
        assert kept(database_url, f"{name} inner") == []

    def test_reading_joins_the_unit_in_force(self, name: str) -> None:
        with db.unit_of_work():
            put(name)
            with db.reading(), db.reading():
                assert in_unit(name) == [b"x"]
            put(f"{name} again")

    def test_reading_on_sqlite_and_postgresql_takes_no_lock_that_a_writer_waits_for(
        self, app: Flask, name: str
    ) -> None:
        def read_or_write(number: int) -> None:
            with app.app_context(), isolation.across(Crossing.SHELL):
                if number:
                    with db.unit_of_work():
                        put(name)
                    return
                with db.reading():
                    deadline = time.monotonic() + 5
                    while in_unit(name) == []:
                        assert time.monotonic() < deadline, "the writer waits for the reader"

        at_once(2, read_or_write)

    def test_every_unit_gives_its_connection_back(self, name: str) -> None:
        for number in range(20):
            with pytest.raises(errors.InvalidRequest), db.unit_of_work():
                put(f"{name} {number}")
                raise errors.InvalidRequest()
            with pytest.raises(ZeroDivisionError), db.reading():
                in_unit(name)
                raise ZeroDivisionError
        pools = [extension.engines[name].pool for name in (None, AUTOCOMMIT)]
        assert [pool.checkedout() for pool in pools] == [0, 0]  # type: ignore[attr-defined]


class TestLater:
    def test_deferred_writes_are_there_for_the_next_statement_and_after_the_commit(
        self, database_url: str, name: str
    ) -> None:
        with db.unit_of_work():
            put_later(name)
            put_later(f"{name} second")
            assert in_unit(name) == in_unit(f"{name} second") == [b"x"]
            put_later(f"{name} third")
            assert db.connection() is not None
            put_later(f"{name} last")
        assert [kept(database_url, f"{name}{end}") for end in ("", " second", " third", " last")] == [[b"x"]] * 4

    def test_deferred_writes_of_several_tables_arrive_together_or_not_at_all(
        self, database_url: str, name: str
    ) -> None:
        digest = uuid.uuid4().bytes * 2
        with pytest.raises(errors.InvalidRequest), db.unit_of_work():
            db.add_later(ADD_TOKEN, token_row(digest))
            put_later(name)
            assert in_unit(name) == [b"x"]
            raise errors.InvalidRequest()
        assert (token_count(digest), kept(database_url, name)) == (0, [])
        with db.unit_of_work():
            db.add_later(ADD_TOKEN, token_row(digest))
            put_later(name)
        assert (token_count(digest), kept(database_url, name)) == (1, [b"x"])

    def test_a_deferred_write_that_fails_takes_the_others_and_the_unit_with_it(
        self, database_url: str, name: str
    ) -> None:
        digest, done = uuid.uuid4().bytes * 2, []
        with db.unit_of_work():
            put(name)
        with pytest.raises(errors.Conflict), db.unit_of_work():
            put(f"{name} before")
            db.after_commit(lambda: done.append("ran"))
            db.add_later(ADD_TOKEN, token_row(digest))
            put_later(name)
        assert (token_count(digest), kept(database_url, f"{name} before"), done) == (0, [], [])

    def test_deferred_writes_to_one_row_take_effect_in_their_order(self, database_url: str, name: str) -> None:
        with db.unit_of_work():
            put_later(name, b"first")
            db.write_later(CHANGE, {"of_name": name, "new_value": b"second"})
        assert kept(database_url, name) == [b"second"]
