"""Chores: work that comes again and again, done in the background by one process at a time over all servers.

A chore is a function that returns an iterator. Each step of it does one short batch (aim for less than a second, and
stay well below LEASE_SECONDS), commits it, and yields how much was done. All that it must remember lives in the
database: a chore may be cut off between any two steps, by the end of its process or by a kill, and begins anew
elsewhere. Whose turn it is stands in the table `chores`: a conditional UPDATE takes a chore, and the lease of a runner
that died ends by itself. A process that stood still for longer than its lease may meet its successor for one step, so
what must not be done twice is settled by the step's own statements.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Protocol
from uuid import UUID

import structlog

from app.core import chore_leases, clock, db, isolation
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.isolation import Crossing

LEASE_SECONDS = 60.0
"""A chore whose runner was killed goes on elsewhere after this."""
POLL_SECONDS = 4.0
"""How often a runner that nobody wakes looks for what is due: one small statement."""
_RENEW_BELOW = LEASE_SECONDS * 2 / 3
_AGAIN_SECONDS = 60.0
"""A chore that failed is tried again after this."""
_WAIT_AFTER_FAILURE = 30.0
_FIRST_WITHIN = 300.0
"""A chore that is new to a database is first due within its period, and within this, at random."""
_LONGEST_PAUSE = 0.05
SHORT = "short"
"""The lane of all that says nothing else."""
_RARELY = 4
"""In other lanes what another process asks for is looked for less often: little of it is urgent."""
Work = Callable[[], Iterator[int]]
"""Does a short batch at each step, and yields how much it was."""
Tell = Callable[[str, int], None]
"""Takes the name of a chore that was done, and how much it was."""
_log = structlog.get_logger()


class Application(Protocol):
    """What chores are done inside of."""

    def app_context(self) -> AbstractContextManager[object]:
        """Return a fresh context."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Work, and how many seconds lie between the beginnings of two turns."""

    name: str
    every: float
    work: Work
    lane: str = SHORT


_asked: dict[str, threading.Event] = {}
"""What wakes the thread of each lane."""
_registered: dict[str, Chore] = {}


def chore(name: str, *, every: float, lane: str = SHORT) -> Callable[[Work], Work]:
    """Register a chore that is due each so many seconds.

    The chores of a lane take turns in a thread: one whose steps take long, or must not wait for others' between them,
    has a lane of its own.
    """

    def register(work: Work) -> Work:
        if name in _registered:
            raise ValueError(f"there are two chores named {name}")
        _registered[name] = Chore(name, every, work, lane)
        _asked.setdefault(lane, threading.Event())
        return work

    return register


def names() -> list[str]:
    """Return the names of all chores."""
    return sorted(_registered)


def wake(name: str) -> None:
    """Make a chore due now; outside any unit of work. Raises what the database raises."""
    with isolation.across(Crossing.WORKER), db.unit_of_work():
        chore_leases.add(name, due_at=clock.now())
        chore_leases.hasten(name, now=clock.now())
    _asked[_registered[name].lane].set()


def wake_after_commit(name: str) -> None:
    """Make a chore due once the unit of work in force has committed; if that fails, it waits for its usual time."""
    db.after_commit(_waking(name))


@lru_cache(maxsize=64)
def _waking(name: str) -> Callable[[], None]:
    """Return the same function for the same name: asked for twice in a unit, it runs once."""

    def follow_up() -> None:
        try:
            wake(name)
        except AppError as wrong:
            _log.warning("a chore could not be woken and waits for its time", chore=name, error=wrong)

    return follow_up


def run(name: str) -> int | None:
    """Do a chore now from beginning to end and return how much it was; None if another runner is at it.

    Inside the application's context and outside any unit of work. Raises what the chore raises.
    """
    turn = _Turn.begin(_registered[name], new_id(), early=True)
    if turn is None:
        return None
    try:
        while turn.step():
            pass
    except BaseException:
        turn.end(again_in=0.0)
        raise
    turn.end()
    return turn.done


def run_due(application: Application) -> None:
    """Do every chore that is due and that no other runner is at, a step of each in turn, until all are done."""
    with application.app_context():
        round_ = _Round(new_id())
        round_.look()
        while round_.step():
            pass


class Runner:
    """The threads that do the chores of a process, one for each lane, until they are stopped."""

    def __init__(
        self,
        application: Application,
        *,
        poll_seconds: float = POLL_SECONDS,
        tell: Tell = lambda _name, _done: None,
    ) -> None:
        """Take what the chores are done in, and who is told of those that had something to do."""
        self._application, self._poll_seconds, self._tell = application, poll_seconds, tell
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"chores {lane}", daemon=True) for lane in _asked
        ]

    def start(self) -> None:
        """Begin; after the fork of a server."""
        for thread in self._threads:
            thread.start()

    def ask_to_stop(self) -> None:
        """Have the threads end after the steps at hand."""
        self._stopping.set()
        for asked in _asked.values():
            asked.set()

    def stop(self, *, seconds: float) -> bool:
        """Finish the steps at hand and end; return whether that was in time. What is left is for others, at once."""
        self.ask_to_stop()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self, lane: str) -> None:
        asked = _asked[lane]
        pause = self._poll_seconds if lane == SHORT else self._poll_seconds * _RARELY
        with self._application.app_context():
            round_ = _Round(new_id(), self._tell, lane=lane)
            look_at = 0.0
            while not self._stopping.is_set():
                if asked.is_set() or time.monotonic() >= look_at:
                    asked.clear()
                    look_at = time.monotonic() + (pause if round_.look() else _WAIT_AFTER_FAILURE)
                began = time.monotonic()
                if round_.step():
                    # Requests share this process, and on SQLite other writers wait for a turn.
                    self._stopping.wait(min(time.monotonic() - began, _LONGEST_PAUSE))
                elif not self._stopping.is_set():
                    asked.wait(max(0.0, look_at - time.monotonic()))
            round_.leave()


class _Turn:
    """One chore from its beginning to its end, in the hands of one runner."""

    def __init__(self, chore: Chore, holder: UUID, held_until: float) -> None:
        self.chore, self._holder, self._held_until, self.done = chore, holder, held_until, 0
        # A context of its own: what a chore enters in one step is still in force in its next, and nowhere else.
        self._context: Context = copy_context()
        self._steps = self._context.run(chore.work)

    @classmethod
    def begin(cls, chore: Chore, holder: UUID, *, early: bool = False) -> "_Turn | None":
        now, held_until = clock.now(), time.monotonic() + LEASE_SECONDS
        terms = {
            "now": now,
            "held_until": now + timedelta(seconds=LEASE_SECONDS),
            # Set when it begins: whoever wakes it meanwhile is not forgotten when it ends.
            "due_again": now + timedelta(seconds=chore.every),
        }
        with isolation.across(Crossing.WORKER):
            with db.unit_of_work():
                if early:
                    chore_leases.add(chore.name, due_at=now)
                claimed = chore_leases.claim(chore.name, holder, early=early, **terms)
            return cls(chore, holder, held_until) if claimed else None

    def step(self) -> bool:
        """Do a batch; False if there is no more to do, or if the chore is another runner's by now."""
        if not self._kept():
            _log.warning("a chore took longer than its lease and is left to another", chore=self.chore.name)
            self._context.run(self._close)
            return False
        done = self._context.run(next, self._steps, None)
        self.done += done or 0
        return done is not None

    def end(self, *, again_in: float | None = None) -> None:
        """Free the chore, due again at its usual time or after so many seconds."""
        with contextlib.suppress(Exception):
            self._context.run(self._close)
        due_at = None if again_in is None else clock.now() + timedelta(seconds=again_in)
        with isolation.across(Crossing.WORKER), db.unit_of_work():
            chore_leases.let_go(self.chore.name, self._holder, due_at=due_at)

    def _kept(self) -> bool:
        if self._held_until - time.monotonic() > _RENEW_BELOW:
            return True
        self._held_until = time.monotonic() + LEASE_SECONDS
        until = clock.now() + timedelta(seconds=LEASE_SECONDS)
        with isolation.across(Crossing.WORKER), db.unit_of_work():
            return chore_leases.renew(self.chore.name, self._holder, held_until=until)

    def _close(self) -> None:
        close = getattr(self._steps, "close", None)
        if close is not None:
            close()


class _Round:
    """The chores that one runner is at, a step of each in turn; what fails is logged, never raised."""

    def __init__(self, holder: UUID, tell: Tell = lambda _name, _done: None, *, lane: str | None = None) -> None:
        self._holder, self._tell = holder, tell
        self._own = {name: chore for name, chore in _registered.items() if lane in (None, chore.lane)}
        self._turns: dict[str, _Turn] = {}

    def look(self) -> bool:
        """Begin what is due and nobody is at; return whether the database could be asked."""
        try:
            for name in self._due():
                turn = _Turn.begin(self._own[name], self._holder)
                if turn is not None:
                    self._turns[name] = turn
        except Exception as wrong:
            _log.warning("chores could not be looked at", error=wrong)
            return False
        return True

    def step(self) -> bool:
        """Do a batch of each; return whether anything is left to do."""
        for name, turn in list(self._turns.items()):
            again_in = None
            try:
                if turn.step():
                    continue
            except Exception as wrong:
                _log.warning("a chore failed and is tried again", chore=name, error=wrong)
                again_in = min(_AGAIN_SECONDS, turn.chore.every)
            self._end(name, again_in)
        return bool(self._turns)

    def leave(self) -> None:
        """Leave all that is not done to other runners."""
        for name in list(self._turns):
            self._end(name, 0.0)

    def _end(self, name: str, again_in: float | None) -> None:
        turn = self._turns.pop(name)
        try:
            turn.end(again_in=again_in)
        except AppError as wrong:
            _log.warning("a chore could not be given back and waits for its lease to end", chore=name, error=wrong)
        if turn.done:
            self._tell(name, turn.done)

    def _due(self) -> list[str]:
        """Return what may be begun, having told the database of chores that it does not know."""
        now = clock.now()
        with isolation.across(Crossing.WORKER):
            with db.reading():
                known = {row.name: row for row in chore_leases.all_of_them()}
            if new := [chore for chore in self._own.values() if chore.name not in known]:
                with db.unit_of_work():
                    for chore in new:
                        within = min(chore.every, _FIRST_WITHIN)
                        first = now + timedelta(seconds=random.uniform(0, within))  # noqa: S311 - spread, not secret
                        chore_leases.add(chore.name, due_at=first)
        return [
            name
            for name in self._own.keys() & known.keys() - self._turns.keys()
            if (known[name].due_at <= now if known[name].holder is None else known[name].held_until <= now)
        ]
