"""Imports that are killed, each after so many batches: `python -m tests.transfer.killed_import FILE SLUG AFTER...`."""

import os
import signal
import sys
from pathlib import Path

from app import create_app
from app.core import isolation
from app.core.actors import SystemActor
from app.core.isolation import Crossing
from app.transfer import bundles, importing


def _import(path: Path, slug: str, after: int) -> None:
    """Be a process that imports a bundle and is killed after so many batches of its rows."""
    left = [None] * after

    def progress(_table: str, _rows: int) -> None:
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left.pop()

    with create_app().app_context(), isolation.across(Crossing.SHELL), bundles.open_bundle(path) as bundle:
        importing.import_bundle(SystemActor(), bundle, slug=slug, progress=progress)


if __name__ == "__main__":
    for number in map(int, sys.argv[3:]):
        process = os.fork()
        if process == 0:
            _import(Path(sys.argv[1]), sys.argv[2], number)
            os._exit(0)
        _, status = os.waitpid(process, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else "came to its end\n")
        sys.stdout.flush()
