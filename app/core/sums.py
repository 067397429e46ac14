"""Sums kept in memory and written a few seconds later, all in one transaction: counting costs a request no statement.

A process that ends in order loses nothing (`background.finish`); one that is killed loses what it noted since the last
writing, five seconds at most.
"""

import os
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from app.core import background, db, isolation
from app.core.errors import AppError
from app.core.isolation import Crossing
from app.core.settings import settings

MOST_KEPT = 100_000
"""Entries kept while the database is away; what would be new beyond is dropped."""
Key = TypeVar("Key")
Value = TypeVar("Value")
_log = structlog.get_logger()


class Sums(Generic[Key, Value]):
    """Values by key; the value of a key that is there already is merged into it.

    `merge(held, value)` changes `held`. `write(values)` sends the statements inside a unit of work that is opened for
    it, rows in one order everywhere, so that two processes never wait for each other in a circle.
    """

    _dropped: int

    def __init__(
        self, name: str, *, merge: Callable[[Value, Value], None], write: Callable[[dict[Key, Value]], None]
    ) -> None:
        """Have the sums written regularly; `name` is for the log."""
        self._name, self._merge, self._write = name, merge, write
        self._begin_anew()
        # What the parent of a fork holds, the parent writes.
        os.register_at_fork(after_in_child=self._begin_anew)
        background.regularly(self.flush)

    def add(self, key: Key, value: Value) -> None:
        """Note a value."""
        with self._noting:
            self._put(self._pending[settings().database_url], key, value)
        background.note_work()

    def flush(self) -> None:
        """Write what is noted by now; outside any unit. What could not be written is kept for the next time.

        Raises what the database raises. Where the connection was lost between COMMIT and its answer, nobody knows
        whether the sums are written: they are dropped, for nothing may be counted twice.
        """
        with self._writing:
            self._report_dropped()
            home = settings().database_url
            with self._noting:
                taken = self._pending.pop(home, None)
            if not taken:
                return
            sent = False
            try:
                with isolation.across(Crossing.COUNTS), db.unit_of_work():
                    self._write(taken)
                    sent = True
            except BaseException:
                if sent and db.is_postgresql():
                    _log.warning("a commit was not answered", sums=self._name, entries_unknown=len(taken))
                else:
                    self._put_back(home, taken)
                raise

    def flush_if_possible(self) -> None:
        """Write what is noted before somebody reads it; where nothing can be written, the read goes on without it."""
        try:
            self.flush()
        except AppError as wrong:
            _log.warning("counts could not be written before they are read", sums=self._name, error=wrong)

    def _put(self, pending: dict[Key, Value], key: Key, value: Value) -> None:
        held = pending.get(key)
        if held is not None:
            self._merge(held, value)
        elif len(pending) < MOST_KEPT:
            pending[key] = value
        else:
            self._dropped += 1

    def _put_back(self, home: str, taken: dict[Key, Value]) -> None:
        with self._noting:
            since = self._pending.pop(home, {})
            self._pending[home] = taken
            for key, value in since.items():
                self._put(taken, key, value)

    def _report_dropped(self) -> None:
        if self._dropped:
            with self._noting:
                dropped, self._dropped = self._dropped, 0
            _log.warning("counts are dropped: too many wait for the database", sums=self._name, dropped=dropped)

    def _begin_anew(self) -> None:
        self._noting, self._writing = threading.Lock(), threading.Lock()
        # By database: in one process several applications may note.
        self._pending: defaultdict[str, dict[Key, Value]] = defaultdict(dict)
        self._dropped = 0
