"""How many hashes run at once."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from app.core import settings as app_settings
from app.core.errors import TemporarilyUnavailable
from app.users import foreign_hashes, hashing, passwords
from app.users.hashing import HashingQueue
from tests.concurrency import at_once
from tests.users.foreign import by_bcrypt


@pytest.mark.usefixtures("app")
def test_as_many_hashes_run_at_once_as_the_process_may_use_cores(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {4, 6, 7})
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(hashing, "_queue", None)
    together = threading.Barrier(3)
    with app_settings.changed(web_concurrency=1, threads=8):
        queue = hashing.queue()
        assert sorted(at_once(3, lambda _: queue.run(lambda: together.wait(1)))) == [0, 1, 2]
        with pytest.raises(threading.BrokenBarrierError):
            queue.run(lambda: threading.Barrier(2).wait(0.01))


@contextmanager
def dear_hashes(queue: HashingQueue, number: int) -> Iterator[None]:
    """Have so many dear hashes run in a queue until the block ends."""
    begun, ended = threading.Barrier(number + 1), threading.Event()

    def work() -> None:
        begun.wait(10)
        ended.wait(10)

    callers = [threading.Thread(target=lambda: queue.run(work, dear=True)) for _ in range(number)]
    for caller in callers:
        caller.start()
    begun.wait(10)
    try:
        yield
    finally:
        ended.set()
        for caller in callers:
            caller.join()


def test_R_06_dear_hashes_leave_half_of_the_places_to_others() -> None:
    queue = HashingQueue(threads=4, room=1)
    with dear_hashes(queue, 2):
        with pytest.raises(TemporarilyUnavailable):
            queue.run(lambda: "dear", dear=True)
        assert at_once(2, lambda _: queue.run(lambda: "ours")) == ["ours", "ours"]
    assert queue.run(lambda: "dear", dear=True) == "dear"


def test_R_06_a_hash_of_ours_does_not_wait_for_a_row_of_dear_ones() -> None:
    queue, order = HashingQueue(threads=1, room=5), list[str]()
    callers = [
        threading.Thread(
            target=lambda dear=dear: queue.run(lambda: order.append("dear" if dear else "ours"), dear=dear)
        )
        for dear in (True, True, False)
    ]
    with dear_hashes(queue, 1):
        *dear_ones, ours = callers
        for caller in dear_ones:
            caller.start()
        with pytest.raises(TemporarilyUnavailable):  # all that dear ones may have is taken
            queue.run(lambda: None, dear=True)
        ours.start()
        while not queue._pool._work_queue.qsize():
            threading.Event().wait(0.01)
    for caller in callers:
        caller.join()
    assert order == ["ours", "dear", "dear"]


@pytest.mark.usefixtures("app")
def test_R_06_a_login_with_a_hash_dearer_than_ours_is_sent_away_first(
    monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    queue, secret = HashingQueue(threads=2, room=0), "a right password"
    own = passwords.hash_password(secret)
    dear, cheap = (foreign_hashes.stored_form(by_bcrypt(secret, cost=cost)) for cost in (5, 4))
    monkeypatch.setattr(hashing, "_queue", queue)
    with dear_hashes(queue, 1):
        with pytest.raises(TemporarilyUnavailable):
            passwords.verify(secret, dear)
        assert passwords.verify(secret, own)
        assert passwords.verify(secret, cheap)
        assert not passwords.verify(secret, None)
    assert passwords.verify(secret, dear)
