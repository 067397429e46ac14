"""Chores: one runner at a time, a lease that ends by itself, a step of each in turn, and an end in time."""

import ast
import itertools
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from structlog.testing import capture_logs

from app.core import chore_leases, chores, clock, db, isolation
from app.core.chores import Chore, Work
from app.core.ids import new_id
from app.core.isolation import Crossing
from tests.concurrency import at_once
from tests.servers import ROOT

Register = Callable[[Work], str]
_numbers = itertools.count(1)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Make chores of a test's own the only ones there are; each is due once an hour."""
    monkeypatch.setattr(chores, "_registered", known := {})

    def make(work: Work) -> str:
        name = f"chore-{next(_numbers)}-{new_id().hex[:12]}"
        known[name] = Chore(name, 3600.0, work)
        return name

    return make


def due(app: Flask, *names: str) -> None:
    with app.app_context():
        for name in names:
            chores.wake(name)


def row(app: Flask, name: str) -> db.AnyRow:
    with app.app_context(), isolation.across(Crossing.WORKER), db.reading():
        return next(row for row in chore_leases.all_of_them() if row.name == name)


def test_of_many_runners_at_once_one_does_a_chore(app: Flask, register: Register) -> None:
    begun, others_are_done = [], threading.Event()

    def work() -> Iterator[int]:
        begun.append(1)
        assert others_are_done.wait(10)
        yield 5

    name = register(work)
    left = itertools.count(1)

    def run(_: int) -> int | None:
        with app.app_context():
            done = chores.run(name)
        if next(left) == 3:
            others_are_done.set()
        return done

    assert sorted(at_once(4, run), key=str) == [5, None, None, None]
    assert begun == [1]
    assert row(app, name).holder is None


def test_the_lease_of_a_dead_runner_ends_by_itself_and_that_of_a_living_one_does_not(
    app: Flask, register: Register
) -> None:
    steps = 3

    def work() -> Iterator[int]:
        yield from [1] * steps

    name = register(work)
    due(app, name)
    with app.app_context():
        dead = chores._Round(new_id())
        dead.look()
        assert dead.step()  # and never again
        assert chores.run(name) is None
        begun = clock.now()
        with time_machine.travel(begun + timedelta(seconds=chores.LEASE_SECONDS - 5), tick=False):
            assert chores.run(name) is None
        with time_machine.travel(begun + timedelta(seconds=chores.LEASE_SECONDS + 5), tick=False):
            assert chores.run(name) == steps
        living = chores._Round(new_id())
        due(app, name)
        living.look()
        for minutes in range(1, steps + 1):  # each step keeps the lease
            with time_machine.travel(begun + timedelta(minutes=minutes - 0.2)):
                living._turns[name]._held_until = 0.0
                assert living.step()
                assert chores.run(name) is None
        assert not living.step()


def test_whoever_was_away_for_longer_than_the_lease_leaves_the_chore_to_its_successor(
    app: Flask, register: Register
) -> None:
    done: list[int] = []

    def work() -> Iterator[int]:
        for number in range(5):
            done.append(number)
            yield 1

    name = register(work)
    due(app, name)
    with app.app_context():
        late = chores._Round(new_id())
        late.look()
        assert late.step()
        with time_machine.travel(clock.now() + timedelta(seconds=chores.LEASE_SECONDS + 5), tick=False):
            successor = chores._Round(new_id())
            successor.look()
            assert successor.step()
            late._turns[name]._held_until = 0.0
            assert not late.step()
            assert row(app, name).holder == successor._holder
            while successor.step():
                pass
    assert done == [0, *range(5)]


def test_a_step_of_each_chore_in_turn_and_one_that_fails_is_logged_and_due_again_soon(
    app: Flask, register: Register
) -> None:
    order: list[str] = []

    def steps(name: str, number: int) -> Work:
        def work() -> Iterator[int]:
            for _ in range(number):
                order.append(name)
                yield 1

        return work

    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("on purpose")

    names = [register(steps("long", 4)), register(failing), register(steps("short", 2))]
    due(app, *names)
    with capture_logs() as logged:
        chores.run_due(app)
    assert sorted(order[:2]) == sorted(order[2:4]) == ["long", "short"]
    assert order[4:] == ["long", "long"]
    assert [line["chore"] for line in logged if "failed" in line["event"]] == [names[1]]
    in_a_minute = clock.now() + timedelta(seconds=60)
    assert [row(app, name).due_at <= in_a_minute for name in names] == [False, True, False]
    with app.app_context(), pytest.raises(ValueError, match="on purpose"):
        chores.run(names[1])


def test_who_is_woken_at_work_is_due_again(app: Flask, register: Register) -> None:
    def work() -> Iterator[int]:
        with db.unit_of_work():
            chores.wake_after_commit(name)
            chores.wake_after_commit(name)
            assert row(app, name).due_at > clock.now()
        yield 1

    name = register(work)
    with app.app_context():
        assert chores.run(name) == 1
        assert row(app, name).due_at <= clock.now()
        with pytest.raises(ZeroDivisionError), db.unit_of_work():
            chores.wake_after_commit(name)
            raise ZeroDivisionError


def test_what_a_chore_enters_stays_in_force_between_its_steps_and_nowhere_else(app: Flask, register: Register) -> None:
    client_id, seen = new_id(), []

    def entering() -> Iterator[int]:
        assert isolation.current().crossing is Crossing.WORKER
        with isolation.within(client_id):
            yield 1
            seen.append(isolation.current().client_id)

    def other() -> Iterator[int]:
        for _ in range(3):
            seen.append(isolation.current().client_id)
            yield 1

    names = [register(entering), register(other)]
    due(app, *names)
    chores.run_due(app)
    assert sorted(seen, key=str) == sorted([client_id, None, None, None], key=str)


def test_a_runner_does_what_is_due_and_ends_after_the_step_at_hand(app: Flask, register: Register) -> None:
    told: list[tuple[str, int]] = []
    stepped, was_told = threading.Event(), threading.Event()

    def endless() -> Iterator[int]:
        for _ in itertools.count(1):
            stepped.set()
            yield 1

    def tell(name: str, done: int) -> None:
        told.append((name, done))
        was_told.set()

    names = [register(endless), register(lambda: iter([3, 4]))]
    runner = chores.Runner(app, poll_seconds=60, tell=tell)
    runner.start()
    due(app, *names)
    assert was_told.wait(10)
    assert told == [(names[1], 7)]
    stepped.clear()
    assert stepped.wait(10)  # the endless one goes on
    assert runner.stop(seconds=5)
    assert [row(app, name).holder for name in names] == [None, None]
    assert row(app, names[0]).due_at <= clock.now()  # left to others, at once


def test_every_chore_is_known_to_whoever_serves() -> None:
    asked = "import app; from app.core import chores; print(chores.names())"
    known = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    written = re.findall(r"@chores\.chore\(", "".join(path.read_text() for path in (ROOT / "app").rglob("*.py")))
    assert "tidy" in known
    assert len(ast.literal_eval(known)) == len(written) >= 7
