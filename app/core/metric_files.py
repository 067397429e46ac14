"""The files in which gunicorn's workers count, in one folder of the server: made, read, folded together and removed.

The files of a worker that has ended must still be summed, so they are folded into one: their number stays bounded,
however often workers are replaced. Reader and folder keep out of each other's way by a lock on a file beside them.
"""

import atexit
import contextlib
import fcntl
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import multiprocess
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict

PREFIX = "rowlock-metrics-"
"""How the folders begin that a server has made for itself."""
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FOLDED = 0  # stands for the number of a process in the names of files; no worker has it
_in_use: list[int] = []
_ended: set[int] = set()


def folder() -> Path | None:
    """Return the folder in which this server's workers count; None outside gunicorn."""
    named = os.environ.get(_VARIABLE)
    return Path(named) if named else None


def prepare() -> None:
    """Make the folder ready, once per master; one of our own is removed when the master ends.

    Folders whose server was killed are removed here: each server holds a lock in its own for as long as one of its
    processes lives.
    """
    place = folder()
    if place is None or _in_use:
        return
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.name.startswith(PREFIX):
        _remove_abandoned(place.parent)
        atexit.register(_remove, place, master=os.getpid())
    # Locked before it bears its name, so that nobody finds it unlocked.
    descriptor, fresh = tempfile.mkstemp(dir=place)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    Path(fresh).rename(place / "in-use")
    _in_use.append(descriptor)


def clear() -> None:
    """Forget what an earlier server has counted in the folder."""
    for file in (folder() or Path()).glob("*.db"):
        file.unlink()


def read() -> Iterable[Metric]:
    """Return what all workers have counted, those that have ended included."""
    with _locked(fcntl.LOCK_SH):
        metrics: Iterable[Metric] = multiprocess.MultiProcessCollector(None).collect()
        return metrics


def fold(process: int) -> None:
    """Add the files of a worker that has ended to those of all that ended before; in the master.

    While somebody reads, or where there is no room to write, they stay as they are until the next worker ends: they
    are summed in any case.
    """
    multiprocess.mark_process_dead(process)
    _ended.add(process)
    with contextlib.suppress(OSError), _locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
        for ended in sorted(_ended):
            for kind in ("counter", "histogram"):
                _fold(kind, ended)
            _ended.discard(ended)


def _fold(kind: str, process: int) -> None:
    place = folder() or Path()
    theirs, folded = place / f"{kind}_{process}.db", place / f"{kind}_{_FOLDED}.db"
    if not theirs.exists():
        return
    total: dict[str, float] = defaultdict(float)
    for file in (folded, theirs):
        if file.exists():
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
                total[key] += value
    fresh = place / f"{kind}.new"
    fresh.unlink(missing_ok=True)
    written = MmapedDict(str(fresh))
    for key, value in total.items():
        written.write_value(key, value, 0.0)
    written.close()
    fresh.replace(folded)
    theirs.unlink()


@contextlib.contextmanager
def _locked(how: int) -> Iterator[None]:
    with ((folder() or Path()) / "folding").open("a") as file:
        fcntl.flock(file, how)
        yield


def _remove(place: Path, *, master: int) -> None:
    if os.getpid() == master:  # workers have been told to do it too: they are forks
        shutil.rmtree(place, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for lock in parent.glob(f"{PREFIX}*/in-use"):
        with contextlib.suppress(OSError), lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent)
