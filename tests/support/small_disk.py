"""A disk that can be full: a small tmpfs where this account may mount one, else a limit on the size of files."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MEBIBYTES = 16
_BLOCK = 4096


@dataclass
class SmallDisk:
    """A folder whose room a test takes away and gives back."""

    folder: Path
    mounted: bool

    def fill(self, processes: list[int]) -> None:
        """Leave no room: for anybody, or (no disk of our own) for what these processes write."""
        if self.mounted:
            with (self.folder / "ballast").open("wb", buffering=0) as ballast:
                _fill(ballast.fileno())
            return
        largest = max(file.stat().st_size for file in self.folder.iterdir())
        for process in processes:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def free(self, processes: list[int]) -> None:
        """Give the room back."""
        if self.mounted:
            (self.folder / "ballast").unlink()
            return
        for process in processes:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Make a folder such a disk."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={_MEBIBYTES}m,mode=0700", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield SmallDisk(folder, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(file: int) -> None:
    try:
        while True:
            os.write(file, b"\0" * _BLOCK)
    except OSError:
        return
