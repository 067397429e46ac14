"""A process that counts calls, splits in two while it holds some, and ends without writing by itself."""

import os
import random
import sys
import threading
from uuid import UUID

from app import create_app
from app.limits import usage

PROCESSES, ROUNDS, KEYS = 3, 4, 400
HELD_AT_THE_FORK = 7


def key(number: int) -> UUID:
    """Return one of the keys that are counted."""
    return UUID(int=number + 1)


def run(client_id: UUID) -> None:
    """Note the same keys in each child, every time in another order, while the children write at the same time."""
    application = create_app()
    usage.note(client_id, None, requests=HELD_AT_THE_FORK)
    children = []
    for _ in range(PROCESSES):
        children.append(os.fork())
        if not children[-1]:
            with application.app_context():
                for _ in range(ROUNDS):
                    _note(client_id)
                    usage.flush()
            _note(client_id)  # for the end of the process to write
            return
    sys.exit(max(os.waitpid(child, 0)[1] for child in children))


def _note(client_id: UUID) -> None:
    for number in random.sample(range(KEYS), KEYS):
        usage.note(client_id, key(number), requests=1)
    if "background" not in {thread.name for thread in threading.enumerate()}:
        raise RuntimeError("nobody would write this while the process goes on")


if __name__ == "__main__":
    run(UUID(sys.argv[1]))
