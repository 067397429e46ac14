"""Counting calls against limits: in Redis where there is one, else in this process.

The trip to Redis that counts also proves that what a process remembers of a client is still true (ADR 0007).
"""

import functools
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.clients import freshness
from app.clients.freshness import Ticket
from app.core.redis_link import OutOfReach, Script, link
from app.core.settings import settings
from app.core.windows import Window, WindowState
from app.limits.memory import SLICES, MemoryWindows

_COUNT = Script((Path(__file__).parent / "count.lua").read_text())
_FORGET = Script("""
local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)
for _, key in ipairs(found[2]) do redis.call('DEL', key) end
return {found[1], #found[2]}
""")
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a process remembers of a client, to be confirmed before it is believed."""

    client_id: str
    version: str


@dataclass(frozen=True, slots=True)
class JustRead:
    """A client's version as just read from the database, to be kept in Redis if nothing has changed meanwhile."""

    client_id: str
    version: str
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Counted:
    """The outcome: `wait` seconds until the call would pass (0 = it was counted), and what is left of each window."""

    wait: float
    states: tuple[WindowState, ...]


class Outdated(Exception):
    """What the process remembers cannot be confirmed; nothing was counted.

    `ticket` is what to read the database under, if Redis had one at hand.
    """

    def __init__(self, ticket: Ticket | None = None) -> None:
        """Carry the ticket."""
        super().__init__()
        self.ticket = ticket


def count(windows: Sequence[Window], *, calls: int = 1, known: Remembered | JustRead | None = None) -> Counted:
    """Count calls in all windows or, where one is full, in none; with 0 calls only look.

    Raises Outdated where `known` is Remembered and Redis does not confirm it. Without Redis, the windows of this
    process count: over several workers each then lets the whole limit through.
    """
    url = settings().redis_url
    if url is not None and (windows or known is not None):
        try:
            return _count_in_redis(url, windows, calls, known)
        except OutOfReach as away:
            if isinstance(known, Remembered):
                raise Outdated() from away
    elif isinstance(known, Remembered):
        raise Outdated()
    if not windows:
        return Counted(0.0, ())
    wait, states = _memory.count(windows, calls)
    return Counted(wait, tuple(states))


def _count_in_redis(url: str, windows: Sequence[Window], calls: int, known: Remembered | JustRead | None) -> Counted:
    keys, arguments = _spelled(tuple(windows))
    client = known.client_id if known else ""
    expected = known.version if isinstance(known, Remembered) else ""
    kept = (known.version, known.ticket.name, known.ticket.time) if isinstance(known, JustRead) else ("", "", 0)
    answer = link(url).run(
        _COUNT,
        (freshness.version_key(client), freshness.TICKET_KEY, *keys),
        (expected, *kept, freshness.LEASE_MS, freshness.TICKET_LIFE_US, calls, *arguments),
    )
    if not answer[0]:
        _, moment, name = answer
        raise Outdated(None if name is None else Ticket(name, moment))
    # Told by this host's clock, as the whole answer is: Redis's may be another.
    ahead = time.time() - answer[3] / _MICRO
    return Counted(answer[2] / _MICRO, tuple(
        WindowState(window.name, window.limit, window.seconds, answer[place], answer[place + 1] / _MICRO + ahead)
        for place, window in zip(range(4, len(answer), 2), windows, strict=True)
    ))  # fmt: skip


@functools.lru_cache(maxsize=2048)
def _spelled(windows: tuple[Window, ...]) -> tuple[list[str], list[int]]:
    """Return the names of windows in Redis, and their limits and lengths as the script takes them."""
    keys = [f"rowlock:w:{window.subject}:{window.seconds}" for window in windows]
    numbers: list[int] = []
    for window in windows:
        length = window.seconds * _MICRO
        numbers += [window.limit, length, length // SLICES]
    return keys, numbers


_memory = MemoryWindows()


def forget(client_id: UUID) -> Iterator[int]:
    """Forget the windows of a client, its keys and its users here, and in Redis all that names it; yield how many.

    While Redis is out of reach it stays until it is over, a day at most.
    """
    yield _memory.forget(f"{client_id}.")
    url, cursor = settings().redis_url, b"0"
    while url is not None:
        try:
            cursor, forgotten = link(url).run(_FORGET, (), (cursor, f"*{client_id}*"))
        except OutOfReach:
            return
        yield forgotten
        if cursor == b"0":
            return


def forget_all() -> None:
    """Forget the windows of this process; for tests, and for a process that is forked off."""
    global _memory
    _memory = MemoryWindows()


os.register_at_fork(after_in_child=forget_all)
