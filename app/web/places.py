"""How many callers may hold a thread for long at once, so that others are there for everything else."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from flask import Response, g, stream_with_context

from app.core import errors, isolation
from app.core.settings import settings

Part = TypeVar("Part", str, bytes)


class Places:
    """A quarter of a worker's threads, at least one; of those, one client gets at most half."""

    def __init__(self, told: str) -> None:
        """Take what a caller is told who finds none."""
        self._told, self._lock = told, threading.Lock()
        self._taken: Counter[object] = Counter()

    def take(self) -> contextlib.ExitStack:
        """Take a place, given back when what is returned is closed, however often; raises TemporarilyUnavailable."""
        client = g.actor.client_id
        most = max(1, settings().threads // 4)
        with self._lock:
            if self._taken.total() >= most or self._taken[client] >= max(1, most // 2):
                raise errors.TemporarilyUnavailable(self._told, retry_after=5)
            self._taken[client] += 1
        held = contextlib.ExitStack()
        held.callback(self._give_back, client)
        return held

    def _give_back(self, client: object) -> None:
        with self._lock:
            self._taken[client] -= 1
            self._taken += Counter()  # those who hold none are forgotten


def streamed(lines: Iterable[Part], media: str, held: contextlib.ExitStack) -> Response:
    """Return an answer of lines that lets go of what it holds when it ends, or when its reader hangs up.

    It lets go before the end is sent: a caller who has read an answer whole finds the place free for the next call.
    """

    kept = isolation.kept(lines)

    def until_the_end() -> Iterator[Part]:
        yield from kept
        held.close()

    answer = Response(stream_with_context(until_the_end()), mimetype=media)
    answer.call_on_close(held.close)
    return answer
