"""The thread that sends mails, one in each process that does.

It is no part of app.core.background or app.core.chores: a slow mail server must hold up nothing else.
"""

import random
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import structlog

from app.mail import delivery
from app.mail.waking import asked

POLL_SECONDS = 5.0
"""How often a thread looks for what other processes have left, and what is to be tried again."""
_HELD_BACK = (0.3, 1.3)
"""A mail waits so long (seconds, at random) after its call: else that call's next neighbour would take longer, and
whoever calls back to back could tell an address that gets a mail from one that gets none."""
_WAIT_AFTER_FAILURE = 30.0
Tell = Callable[[str, int], None]
"""Takes what was done, and to how many mails."""
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
        *,
        poll_seconds: float = POLL_SECONDS,
        tell: Tell = lambda _done, _count: None,
    ) -> None:
        """Take what the work is done in, and who is told of all that was done."""
        self._application, self._poll_seconds, self._tell = application, poll_seconds, tell
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mail", daemon=True)

    def start(self) -> None:
        """Begin; after the fork of a server."""
        self._thread.start()

    def stop(self, *, seconds: float) -> bool:
        """Finish the mail at hand and end; return whether that was in time. What is left is for others."""
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
                asked.wait(self._poll_seconds if self._looked() else _WAIT_AFTER_FAILURE)
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
