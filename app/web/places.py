"""How many callers may hold a thread for long at once, so that others are there for everything else."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator

from flask import g

from app.core import errors
from app.core.settings import settings


class Places:
    """A quarter of a worker's threads, at least one; of those, one client gets at most half."""

    def __init__(self, told: str) -> None:
        """Take what a caller is told who finds none."""
        self._told, self._lock = told, threading.Lock()
        self._taken: Counter[object] = Counter()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place for the client of the request in hand; raises TemporarilyUnavailable."""
        give_back = self.take()
        try:
            yield
        finally:
            give_back()

    def take(self) -> Callable[[], None]:
        """Take a place and return how to give it back, once; raises TemporarilyUnavailable."""
        client = g.actor.client_id
        most = max(1, settings().threads // 4)
        with self._lock:
            if self._taken.total() >= most or self._taken[client] >= max(1, most // 2):
                raise errors.TemporarilyUnavailable(self._told, retry_after=5)
            self._taken[client] += 1
        return lambda: self._give_back(client)

    def _give_back(self, client: object) -> None:
        with self._lock:
            self._taken[client] -= 1
            self._taken += Counter()  # those who hold none are forgotten
