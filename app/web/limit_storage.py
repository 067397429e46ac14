"""Where the windows of the open calls are counted: in Redis, and in this process while it is out of reach.

Redis is reached as everywhere (app.core.redis_link). The extension's own fallback would wait for redis-py's retries,
let the second of two calls that fail together end as a fault, and try Redis again only after up to 32 s.
"""

import time

from limits.storage import MemoryStorage, RedisStorage

from app.core.redis_link import Argument, OutOfReach, Script, link
from app.core.settings import settings

SCHEME = "rowlock"
_ACQUIRE = Script(RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW.decode())
_LOOK = Script(RedisStorage.SCRIPT_MOVING_WINDOW.decode())


class SharedStorage(MemoryStorage):
    """Moving windows in Redis; without it each worker lets its share of a limit through."""

    STORAGE_SCHEME = [SCHEME]

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count calls if the window has room for them; return whether it has."""
        try:
            return bool(_run(_ACQUIRE, key, str(time.time()), limit, expiry, amount))
        except OutOfReach:
            return super().acquire_entry(key, _share(limit), expiry, amount)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the window began and how many calls lie in it; what other workers may use counts as used."""
        now = time.time()
        try:
            found = _run(_LOOK, key, str(now - expiry), limit)
        except OutOfReach:
            began, used = super().get_moving_window(key, _share(limit), expiry)
            return began, used + limit - _share(limit)
        return (float(found[0]), int(found[1])) if found else (now, 0)

    def check(self) -> bool:
        """Tell whether Redis answers."""
        url = settings().redis_url
        return url is not None and link(url).is_up()


def _run(script: Script, key: str, *arguments: Argument) -> list[bytes | int] | None:
    url = settings().redis_url
    if url is None:
        raise OutOfReach()
    answer: list[bytes | int] | None = link(url).run(script, (f"rowlock:a:{key}",), arguments)
    return answer


def _share(limit: int) -> int:
    return max(1, limit // settings().web_concurrency)
