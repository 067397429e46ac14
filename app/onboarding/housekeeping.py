"""What is deleted regularly because nobody needs it any more; safe to do in several processes at once."""

import time
from collections.abc import Callable

from app.codes import service as codes
from app.mail import service as mail
from app.sessions import purging

_PAUSE_SECONDS = 0.05
"""Between two batches, so that on SQLite other writers get their turn."""


def tidy() -> int:
    """Delete old mails, one-time codes and sessions, a thousand rows at a time; return how many rows there were."""
    return sum(_all(purge) for purge in (mail.prune, codes.purge, purging.purge))


def _all(purge: Callable[[], int]) -> int:
    total = 0
    while deleted := purge():
        total += deleted
        time.sleep(_PAUSE_SECONDS)
    return total
