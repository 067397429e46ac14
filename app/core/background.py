"""Work that no request waits for: a thread of each process does it some seconds after it was asked for.

The thread begins when work is first asked for: after the server's fork, and never in a command that asks for nothing.
It works for the application whose settings are in force, inside that application's context.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol
from weakref import WeakKeyDictionary

import structlog

from app.core.settings import Settings, settings

INTERVAL_SECONDS = 4.0
"""From the request to the work: nothing may be more than five seconds behind, the writing included."""
Work = Callable[[], None]
_log = structlog.get_logger()


class Application(Protocol):
    """What the work runs inside of."""

    def app_context(self) -> AbstractContextManager[object]:
        """Return a fresh context."""


class _Turn:
    """What of this process must not be shared with one that is forked off."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.working = threading.Lock()
        self.beginning = threading.Lock()
        self.thread: threading.Thread | None = None


_turn = _Turn()
_works: list[Work] = []
_homes: "WeakKeyDictionary[Application, str]" = WeakKeyDictionary()


def attach(application: Application, chosen: Settings) -> None:
    """Remember which application works on the database of these settings."""
    _homes[application] = chosen.database_url


def regularly(work: Work) -> Work:
    """Have something done after each request for work; it is done with no unit of work open, and may raise."""
    _works.append(work)
    return work


def note_work() -> None:
    """Ask for all registered work, to be done INTERVAL_SECONDS from now; asking again meanwhile changes nothing."""
    if _turn.asked.is_set():
        return
    with _turn.beginning:
        if _turn.thread is None:
            _turn.thread = threading.Thread(target=_go_on, name="background", daemon=True)
            _turn.thread.start()
    _turn.asked.set()


def run_all() -> bool:
    """Do all registered work now and return whether all of it was done; what fails is logged, never raised."""
    application = _in_force()
    if application is None:
        return True
    with _turn.working, application.app_context():
        # Taken back first: what is asked for from here on may come too late for this time.
        _turn.asked.clear()
        done = [_done(work) for work in _works]
    return all(done)


def finish() -> None:
    """Do at the end of a process what is still to be done."""
    with _turn.working:
        asked = _turn.asked.is_set()
    if asked:
        run_all()


def _go_on() -> None:
    while True:
        _turn.asked.wait()
        time.sleep(INTERVAL_SECONDS)
        if not run_all():
            _turn.asked.set()


def _done(work: Work) -> bool:
    try:
        work()
    except Exception as wrong:
        _log.warning("background work failed and is tried again", work=work.__qualname__, error=wrong)
        return False
    return True


def _in_force() -> Application | None:
    """Return the application of the settings in force: others may share the process, but not the work."""
    listed = list(_homes.items())
    return next((application for application, home in listed if home == settings().database_url), None)


def _begin_anew() -> None:
    global _turn
    _turn = _Turn()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(finish)
