"""Processes that begin to erase a client and are killed: `python -m tests.erasure.killed_process CLIENT_ID SLUG KILLS`.

Prints a line for each kill: after how many milliseconds, counted from the commit of the first transaction.
"""

import os
import random
import select
import signal
import sys
import time
from uuid import UUID

from app import create_app
from app.core.actors import SystemActor
from app.erasure import carrying_out, service

LONGEST_SECONDS = 0.1


def _erase(client_id: UUID, slug: str, told: int) -> None:
    """Be a process that erases a client in tiny batches, and says when all its credentials have gone."""
    carrying_out._AT_ONCE = carrying_out._AT_ONCE_ON_SQLITE = 3
    with create_app().app_context():
        service.begin(SystemActor(), client_id, confirm=slug)
        os.write(told, b".")
        for _ in carrying_out.carry_on(client_id):
            pass


def _kill_one(client_id: UUID, slug: str) -> float:
    """Let a process begin and kill it; return after how many milliseconds, -1 if it came to its end."""
    hears, tells = os.pipe()
    process = os.fork()
    if process == 0:
        _erase(client_id, slug, tells)
        os._exit(0)
    select.select([hears], [], [], 30)
    seconds = random.uniform(0, LONGEST_SECONDS)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    os.close(hears)
    os.close(tells)
    return seconds * 1000 if os.WIFSIGNALED(status) else -1


if __name__ == "__main__":
    for _ in range(int(sys.argv[3])):
        sys.stdout.write(f"{_kill_one(UUID(sys.argv[1]), sys.argv[2]):.0f}\n")
        sys.stdout.flush()
