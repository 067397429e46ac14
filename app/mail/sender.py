"""The thread that sends mails, one in each process that does, and does regular upkeep beside it.

It is no part of app.core.background: a slow mail server must hold up nothing else.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import structlog

from app.mail import delivery
from app.mail.waking import asked

POLL_SECONDS = 5.0
"""How often a thread looks for what other processes have left, and what is to be tried again."""
UPKEEP_SECONDS = 3600.0
FIRST_UPKEEP_SECONDS = 300.0
"""Each thread's first upkeep comes within that, at random: many begin at once."""
_PAUSE_SECONDS = 0.05
"""Between two batches of upkeep, so that on SQLite other writers get their turn."""
_HELD_BACK = (0.3, 1.3)
"""A mail waits so long (seconds, at random) after its call: else that call's next neighbour would take longer, and
whoever calls back to back could tell an address that gets a mail from one that gets none."""
_WAIT_AFTER_FAILURE = 30.0
Upkeep = Callable[[], Iterator[int]]
"""Does a short batch of its work at each step, and yields how many rows were deleted."""
Tell = Callable[[str, int], None]
"""Takes what was done, and to how many mails or rows."""
_log = structlog.get_logger()


class Application(Protocol):
    """What the thread works inside of."""

    def app_context(self) -> AbstractContextManager[object]:
        """Return a fresh context."""


class Sender:
    """Sends what is due whenever it is woken and every few seconds, until it is stopped."""

    def __init__(
        self,
        application: Application,
        upkeep: Upkeep,
        *,
        poll_seconds: float = POLL_SECONDS,
        first_upkeep_after: float | None = None,
        tell: Tell = lambda _done, _count: None,
    ) -> None:
        """Take what the work is done in, and who is told of all that was done."""
        within = FIRST_UPKEEP_SECONDS
        first = random.uniform(0, within) if first_upkeep_after is None else first_upkeep_after  # noqa: S311
        self._application, self._poll_seconds, self._tell = application, poll_seconds, tell
        self._upkeep, self._batches, self._deleted = upkeep, upkeep(), 0
        self._upkeep_at = time.monotonic() + first
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mail", daemon=True)

    def start(self) -> None:
        """Begin; after the fork of a server."""
        self._thread.start()

    def stop(self, *, seconds: float) -> bool:
        """Finish the mail or batch at hand and end; return whether that was in time. What is left is for others."""
        self._stopping.set()
        asked.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        with self._application.app_context():
            while True:
                asked.clear()  # first: what is asked for from here on, the end too, is seen the next time
                if self._stopping.is_set():
                    return
                self._rest(self._poll_seconds if self._looked() else _WAIT_AFTER_FAILURE)
                self._stopping.wait(random.uniform(*_HELD_BACK))  # noqa: S311 - spread, not secret

    def _looked(self) -> bool:
        """Send what is due; return whether that went well, as what fails is only logged."""
        try:
            tried = delivery.deliver_due(lambda: not self._stopping.is_set())
        except Exception as wrong:
            _log.warning("mails could not be looked at", error=wrong)
            return False
        if tried:
            self._tell("mails tried", tried)
        return True

    def _rest(self, seconds: float) -> None:
        """Wait until somebody asks, for so long at most; tidy up meanwhile if it is time, one batch at the least."""
        until = time.monotonic() + seconds
        while self._tidied() and time.monotonic() < until:
            if asked.wait(_PAUSE_SECONDS):
                return
        asked.wait(max(0.0, until - time.monotonic()))

    def _tidied(self) -> bool:
        """Do a batch of upkeep if it is time; return whether another one is to follow."""
        if self._stopping.is_set() or time.monotonic() < self._upkeep_at:
            return False
        try:
            for deleted in self._batches:
                self._deleted += deleted
                return True
        except Exception as wrong:
            _log.warning("upkeep failed and is tried again", error=wrong)
        self._tell("upkeep, rows deleted", self._deleted)
        self._upkeep_at, self._batches, self._deleted = time.monotonic() + UPKEEP_SECONDS, self._upkeep(), 0
        return False
