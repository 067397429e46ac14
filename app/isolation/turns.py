"""Who measures a client's report in this process: one at a time, and nobody for a while after it failed."""

import threading
import time
from uuid import UUID

HELD_SECONDS = 30
"""How long a turn that nobody gives back is held: what failed is not tried again at once."""
_taken: dict[UUID, float] = {}
_lock = threading.Lock()


def take(client_id: UUID) -> bool:
    """Take the turn to measure a client's report; False where somebody has it, or failed with it a moment ago."""
    now = time.monotonic()
    with _lock:
        for ended in [one for one, until in _taken.items() if until <= now]:
            del _taken[ended]
        if client_id in _taken:
            return False
        _taken[client_id] = now + HELD_SECONDS
        return True


def give_back(client_id: UUID) -> None:
    """End the turn of a measurement that succeeded."""
    with _lock:
        _taken.pop(client_id, None)
