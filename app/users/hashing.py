"""The hashing queue: one thread per core hashes, a few requests wait, the rest is told to come back.

bcrypt at cost 12 takes about a quarter of a second of a core and releases the GIL. The waiting room is smaller than
the server's threads, so that token checks always find a free thread however many people log in at once.

Hashes that other systems made may be dearer than ours, and belong to the client that brought them. They get at most
half of the places, and wait there until half of the threads, at least one, do no other such hash: so those who log in
with ours wait for one dear hash, not for a row of them.
"""

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import TypeVar

from app.core.errors import TemporarilyUnavailable
from app.core.settings import settings

WAIT_SECONDS = 2.0
"""How long a request waits for its turn."""
PLACE_SECONDS = 0.1
"""How long it waits for a place in the room: a burst is smoothed, but no thread is held for long."""
T = TypeVar("T")


class HashingQueue:
    """Runs slow hashes on threads of its own."""

    def __init__(self, *, threads: int, room: int) -> None:
        """Take `threads` hashes at once and let `room` more wait."""
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="hashing")
        self._places = threading.BoundedSemaphore(threads + room)
        self._dear_places = threading.BoundedSemaphore(max(1, (threads + room) // 2))
        self._dear_turns = threading.BoundedSemaphore(max(1, threads // 2))

    def warm_up(self) -> None:
        """Start the threads now, so that they do not inherit what the starting thread becomes later."""
        barrier = threading.Barrier(self._threads + 1)
        for _ in range(self._threads):
            self._pool.submit(barrier.wait, 10)
        barrier.wait(10)

    def run(self, work: Callable[[], T], *, dear: bool = False) -> T:
        """Return what `work` returns; raises TemporarilyUnavailable if the room is full or the wait too long.

        `dear` work, which takes longer than a hash of ours, is also sent away where half of the places do such.
        """
        room = (self._places, PLACE_SECONDS)
        steps = ((self._dear_places, PLACE_SECONDS), room, (self._dear_turns, WAIT_SECONDS)) if dear else (room,)
        with contextlib.ExitStack() as held:
            for free, seconds in steps:
                if not free.acquire(timeout=seconds):
                    raise TemporarilyUnavailable("Too many logins at this moment.", retry_after=1)
                held.callback(free.release)
            return self._result(self._pool.submit(work))

    def _result(self, future: "Future[T]") -> T:
        with contextlib.suppress(TookTooLong):
            return future.result(WAIT_SECONDS)
        if future.cancel():
            raise TemporarilyUnavailable("Too many logins at this moment.", retry_after=WAIT_SECONDS)
        return future.result()  # its turn came; it takes one hash from here


_queue: HashingQueue | None = None
_making = threading.Lock()


def queue() -> HashingQueue:
    """Return this process's queue: its share of the cores, and room for all but one of its other threads."""
    global _queue
    with _making:
        if _queue is None:
            chosen = settings()
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
            share = max(1, cores // chosen.web_concurrency)
            _queue = HashingQueue(threads=share, room=max(0, chosen.threads - 1 - share))
        return _queue
