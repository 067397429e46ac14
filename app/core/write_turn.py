"""On SQLite, writers take turns over all processes: waiting in line beats retrying on a busy lock."""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator

from app.core.engines import SQLITE_WAIT_SECONDS
from app.core.errors import TemporarilyUnavailable
from app.core.settings import settings
from app.extensions import db

_writers = threading.Lock()


@contextlib.contextmanager
def write_turn() -> Iterator[None]:
    """Let one writer in at a time; raises TemporarilyUnavailable after five seconds in line."""
    if not settings().is_sqlite:
        yield
        return
    if not _writers.acquire(timeout=SQLITE_WAIT_SECONDS):
        raise TemporarilyUnavailable()
    try:
        with _file_lock(f"{db.engine.url.database}.lock"):
            yield
    finally:
        _writers.release()


@contextlib.contextmanager
def _file_lock(path: str) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + SQLITE_WAIT_SECONDS
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > deadline:
                raise TemporarilyUnavailable()
            time.sleep(0.002)
        yield
    finally:
        os.close(descriptor)
