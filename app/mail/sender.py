"""The thread that sends mails, one in each process that does, and does regular upkeep beside it.

It is no part of app.core.background: a slow mail server must hold up nothing else.
"""

import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import structlog

from app.mail import delivery
from app.mail.waking import asked

POLL_SECONDS = 5.0
"""How often a thread looks for what other processes have left, and what is to be tried again."""
UPKEEP_SECONDS = 3600.0
_HELD_BACK = (0.3, 1.3)
"""A mail waits so long (seconds, at random) after its call: else that call's next neighbour would take longer, and
whoever calls back to back could tell an address that gets a mail from one that gets none."""
_WAIT_AFTER_FAILURE = 30.0
Upkeep = Callable[[], int]
Tell = Callable[[str], None]
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
        tell: Tell = lambda _line: None,
    ) -> None:
        """Take what the work is done in; `upkeep` returns how many rows it deleted, `tell` is told of all work done."""
        first = random.uniform(0, UPKEEP_SECONDS) if first_upkeep_after is None else first_upkeep_after  # noqa: S311
        self._application, self._upkeep, self._tell = application, upkeep, tell
        self._poll_seconds, self._upkeep_at = poll_seconds, time.monotonic() + first
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mail", daemon=True)

    def start(self) -> None:
        """Begin; after the fork of a server."""
        self._thread.start()

    def stop(self, *, seconds: float) -> bool:
        """Finish the mail at hand and end; return whether it ended in time. What is left waits for another process."""
        self._stopping.set()
        asked.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        with self._application.app_context():
            while not self._stopping.is_set():
                asked.clear()  # first: what is asked for from here on is seen the next time
                pause = self._poll_seconds if self._looked() else _WAIT_AFTER_FAILURE
                asked.wait(pause)
                self._stopping.wait(random.uniform(*_HELD_BACK))  # noqa: S311 - spread, not secret

    def _looked(self) -> bool:
        """Send what is due, tidy up if it is time; return whether that went well, as what fails is only logged."""
        try:
            tried = delivery.deliver_due(lambda: not self._stopping.is_set())
            if tried:
                self._tell(f"mails tried: {tried}")
            self._tidy()
        except Exception as wrong:
            _log.warning("mails could not be looked at", error=wrong)
            return False
        return True

    def _tidy(self) -> None:
        if self._stopping.is_set() or time.monotonic() < self._upkeep_at:
            return
        self._upkeep_at = time.monotonic() + UPKEEP_SECONDS
        self._tell(f"upkeep, rows deleted: {self._upkeep()}")
