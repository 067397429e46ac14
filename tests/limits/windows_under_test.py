"""Both counters of windows behind one face, with a clock that a test moves: in whole microseconds."""

import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import redis

from app.core import settings
from app.core.redis_link import Script
from app.core.windows import Window
from app.limits import windows
from app.limits.memory import MemoryWindows
from app.limits.windows import Counted
from tests.conftest import SECRET_KEY, settings_from

MICRO = 1_000_000
LENGTHS = {"minute": 60, "hour": 3_600, "day": 86_400}
_CLOCK = "test:clock"
_subjects = (f"test:{number}" for number in itertools.count())


class Counter(Protocol):
    """Counts in windows at the moment that it is told."""

    def count(self, moment: int, listed: Sequence[Window], calls: int) -> Counted:
        """Count calls at a moment, in microseconds."""


class InProcess:
    """The counter of a process."""

    def __init__(self) -> None:
        self._now = 0.0
        self._windows = MemoryWindows(lambda: self._now)

    def count(self, moment: int, listed: Sequence[Window], calls: int) -> Counted:
        self._now = moment / MICRO
        wait, states = self._windows.count(listed, calls)
        return Counted(wait, tuple(states))


class InRedis:
    """The script as it is, in a real Redis, but asking a key for the time instead of Redis's clock."""

    def __init__(self, url: str) -> None:
        self._url, self._redis = url, redis.Redis.from_url(url)
        self._script = Script(
            windows._COUNT.text.replace("redis.call('TIME')", f"redis.call('LRANGE', '{_CLOCK}', 0, 1)")
        )
        assert self._script.text != windows._COUNT.text

    def count(self, moment: int, listed: Sequence[Window], calls: int) -> Counted:
        with self._redis.pipeline() as pipe:
            pipe.delete(_CLOCK)
            pipe.rpush(_CLOCK, moment // MICRO, moment % MICRO)
            pipe.execute()
        before, windows._COUNT = windows._COUNT, self._script
        try:
            with with_redis(self._url):
                return windows.count(listed, calls=calls)
        finally:
            windows._COUNT = before


def with_redis(url: str | None) -> AbstractContextManager[object]:
    """Count in a Redis, or (None) in this process, for a while; settings are made where no application has."""
    if settings._current is None:
        settings.use(settings_from({"APP_ENV": "test", "SECRET_KEY": SECRET_KEY}))
    return settings.changed(redis_url=url)


def fresh_windows(**limits: int) -> list[Window]:
    """Return windows that nobody has counted in: `fresh_windows(minute=3, hour=5)`."""
    subject = next(_subjects)
    return [Window(subject, f"per_{name}", limit, LENGTHS[name]) for name, limit in limits.items()]
