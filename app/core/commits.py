"""How SQLite tells whether anything was committed since (https://sqlite.org/pragma.html#pragma_data_version)."""

import os
import sqlite3
import threading
from pathlib import Path

from app.core.settings import settings
from app.extensions import db

_lock = threading.Lock()
_Home = tuple[int, str, Path]
_watchers: dict[_Home, tuple[object, sqlite3.Connection]] = {}


def number() -> object:
    """Return a number that every commit of any other connection changes; something new each time if nobody can say.

    It is asked on a connection that never writes, in 3 µs. It means something only within this process.
    """
    home = (os.getpid(), settings().database_url, settings().instance_path)
    with _lock:
        try:
            name, watcher = _watchers.get(home) or _watch(home)
            # Every connection counts from its own beginning, so a number goes with the one that told it.
            return name, watcher.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            _watchers.pop(home, None)
            return object()


def _watch(home: _Home) -> tuple[object, sqlite3.Connection]:
    """Open the file that the engine writes to, however its address spells it; one that is not there is not made."""
    file = Path(str(db.engine.url.database)).absolute().as_uri()
    watcher = sqlite3.connect(f"{file}?mode=rw", uri=True, timeout=0.05, isolation_level=None, check_same_thread=False)
    _watchers[home] = object(), watcher
    return _watchers[home]
