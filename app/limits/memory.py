"""Sliding windows counted in this process: the embedded default, and what is left while Redis is out of reach.

The arithmetic is that of count.lua: calls lie in slices of a 6,000th of the window, and a slice leaves when the whole
of it is out of the window. So never more than the limit lie in any window, and a slot is free at most one slice late.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.core.windows import Window, WindowState

SLICES = 6_000
_SWEPT_EVERY = 10_000


@dataclass(slots=True)
class _Log:
    """The calls of one window: [slice, calls], oldest first, and their sum."""

    length: float
    slices: deque[list[int]] = field(default_factory=deque)
    total: int = 0

    def forget(self, now: float) -> None:
        """Drop the slices that have left."""
        while self.slices and self.leaves(self.slices[0]) <= now:
            self.total -= self.slices.popleft()[1]

    def leaves(self, entry: list[int]) -> float:
        """Return when a slice is out of the window."""
        return (entry[0] + 1) * self.length / SLICES + self.length

    def add(self, calls: int, now: float) -> None:
        """Count calls."""
        number = int(now / (self.length / SLICES))
        if self.slices and self.slices[-1][0] >= number:
            self.slices[-1][1] += calls
        else:
            self.slices.append([number, calls])
        self.total += calls

    def free_at(self, missing: int, now: float) -> float:
        """Return when so many calls have left."""
        for entry in self.slices:
            missing -= entry[1]
            if missing <= 0:
                return self.leaves(entry)
        return now + self.length


class MemoryWindows:
    """The windows of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Count by a clock that never goes back; tests bring their own."""
        self._clock = clock
        self._lock = threading.Lock()
        self._logs: dict[tuple[str, int], _Log] = {}
        self._counted = 0

    def count(self, windows: Sequence[Window], calls: int) -> tuple[float, list[WindowState]]:
        """Count calls in all windows or, where one is full, in none; return the seconds to wait (0 = counted).

        With 0 calls it only looks.
        """
        with self._lock:
            now = self._clock()
            self._sweep(now)
            logs = [self._log(window, now) for window in windows]
            wait = 0.0
            for window, log in zip(windows, logs, strict=True):
                missing = log.total + calls - window.limit
                if missing > 0:
                    wait = max(wait, log.free_at(missing, now) - now)
            if wait <= 0 and calls:
                for log in logs:
                    log.add(calls, now)
            # Monotonic time means nothing outside: what is told is wall time.
            wall = time.time() - now
            return wait, [_state(window, log, now, wall) for window, log in zip(windows, logs, strict=True)]

    def forget(self, subjects: str) -> int:
        """Forget the windows of all subjects that begin so; return how many there were."""
        with self._lock:
            found = [key for key in self._logs if key[0].startswith(subjects)]
            for key in found:
                del self._logs[key]
            return len(found)

    def _log(self, window: Window, now: float) -> _Log:
        key = (window.subject, window.seconds)
        log = self._logs.get(key)
        if log is None:
            log = self._logs[key] = _Log(window.seconds)
        log.forget(now)
        return log

    def _sweep(self, now: float) -> None:
        """Forget the windows that nobody calls in any more."""
        self._counted += 1
        if self._counted % _SWEPT_EVERY:
            return
        for key, log in list(self._logs.items()):
            if not log.slices or log.leaves(log.slices[-1]) <= now:
                del self._logs[key]


def _state(window: Window, log: _Log, now: float, wall: float) -> WindowState:
    reset = log.free_at(max(1, log.total + 1 - window.limit), now) if log.slices else now
    remaining = max(0, window.limit - log.total)
    return WindowState(window.name, window.limit, window.seconds, remaining, reset + wall)
