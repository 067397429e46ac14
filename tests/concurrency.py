"""Many callers at one moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(times: int, call: Callable[[int], T]) -> list[T]:
    """Run `call(0) … call(times - 1)`, each in a thread of its own, released by one barrier; return the results."""
    barrier = threading.Barrier(times)

    def released(number: int) -> T:
        barrier.wait(timeout=30)
        return call(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(released, range(times)))
