"""Child processes that never outlive the one that started them."""

import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
# Below the range from which the kernel takes the ports of outgoing connections: nobody can be given one in between.
_PORTS = range(18_000, 32_000)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def child(
    command: Sequence[str | Path],
    *,
    output: Path,
    dies_by: signal.Signals,
    environment: dict[str, str] | None = None,
    user: pwd.struct_passwd | None = None,
    folder: Path = ROOT,
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own; the kernel sends it `dies_by` should we die, even by kill -9.

    The kernel watches the thread that calls this, so call it from one that lives as long as the process shall.
    """
    parent = os.getpid()

    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, dies_by)
        if os.getppid() != parent:  # we died in between: no signal will come
            os._exit(1)

    with output.open("ab") as log:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=before_exec,
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
        )


class Process(Protocol):
    """What a started process lets one do; `subprocess.Popen` is one."""

    pid: int

    @property
    def args(self) -> object:
        """Its command."""

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; return the exit status."""


def wait_until(ready: Callable[[], bool], process: Process, log: Path, *, seconds: float = 30) -> None:
    """Wait until a started process is ready; raises RuntimeError with the end of its log if it ends or is too slow."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline or process.poll() is not None:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{process.args!r} is not up (exit status {process.poll()}):\n{said}")
        time.sleep(0.02)


def kill_group(process: Process) -> None:
    """Kill a process and its children at once (kill -9)."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
