"""Servers under measurement: gunicorn with the project's own configuration, in a process group of its own."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import ROOT, clean_environment, free_port

HOST = "127.0.0.1"
GENEROUS = "100000000 per hour"
_WINDOWS = ("requests_per_minute", "requests_per_hour", "requests_per_day")
_OF_USERS = ("user_requests_per_minute", "user_requests_per_hour")
# Every window is there and counted, as in life; none ever fills.
TIERS = json.dumps({"free": dict.fromkeys(_WINDOWS + _OF_USERS, 10**9)})
_PATIENCE = 60.0
_PROBE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Served:
    """A server that answers; `seconds_to_first_200` counts from its process's start."""

    address: tuple[str, int]
    pid: int
    seconds_to_first_200: float


def settings(folder: Path, **chosen: str) -> dict[str, str]:
    """Return the environment of a server whose limits are out of the way, though not switched off."""
    limits = ["CLIENT_REGISTRATION", "CLIENT_REGISTRATION_GLOBAL", "SIGNUP", "SIGNUP_GLOBAL", "LOGIN"]
    limits += ["RECOVERY", "RECOVERY_GLOBAL", "CODE"]
    generous = {f"{name}_LIMIT": GENEROUS for name in limits}
    fixed = {"APP_ENV": "production", "SECRET_KEY": secrets.token_urlsafe(48), "INSTANCE_PATH": str(folder)}
    return clean_environment(fixed | generous | {"TIERS": TIERS} | chosen)


@contextlib.contextmanager
def gunicorn(application: str, environment: dict[str, str]) -> Iterator[Served]:
    """Serve an application until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application]
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment | {"PORT": str(port)}, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            while not answers((HOST, port)):
                if process.poll() is not None or time.perf_counter() - began > _PATIENCE:
                    log.seek(0)
                    raise RuntimeError(f"{application} does not serve: {log.read()[-3000:].decode(errors='replace')}")
                time.sleep(0.005)
            yield Served((HOST, port), process.pid, time.perf_counter() - began)
        finally:
            stop(process)


def answers(address: tuple[str, int]) -> bool:
    """Whether a server's /healthz answers 200."""
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=5) as probe:
        probe.sendall(_PROBE)
        return probe.recv(64).startswith(b"HTTP/1.1 200")
    return False


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop a server as an operator does, then whatever is left of its group."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
