"""Where the folders of tests are: in memory, if there is room.

SQLite waits for the disk at each commit, a good part of what its tests take; the tests' own PostgreSQL and Redis are
told not to wait. No test looks at what a power cut would leave.
"""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 2**30


def use() -> None:
    """Have pytest make its folders in memory, unless somebody has said where."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM and _lets_programs_run():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def _lets_programs_run() -> bool:
    """Whether a test can run a script that it has written there."""
    return not os.statvfs(_MEMORY).f_flag & getattr(os, "ST_NOEXEC", 0)
