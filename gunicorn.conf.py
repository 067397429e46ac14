"""How gunicorn serves Rowlock; the figures come from the settings (`app.core.settings`)."""

import gc
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import flask_migrate
from gunicorn.arbiter import Arbiter
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker
from sqlalchemy.exc import OperationalError

from app.core import errors
from app.core.ids import new_id
from app.core.logs import gunicorn_logconfig
from app.core.settings import Settings, SettingsError
from app.extensions import db
from app.onboarding import boot
from app.users import hashing
from app.web import headers

_REFUSED = "Rowlock does not start:"
_REQUESTS_NICE = 4
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the place itself, not a file of ours in it

try:
    _settings = Settings.from_environment()
except SettingsError as refused:
    sys.exit(f"{_REFUSED} {refused}")


class ChunkReader:
    """Reads a chunked body; one that breaks the rules ends as a lost connection, which the application knows (400)."""

    def __init__(self, reader: ChunkedReader) -> None:
        """Read through gunicorn's own reader."""
        self._reader = reader

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; raises OSError."""
        try:
            return bytes(self._reader.read(size))
        except ParseException as broken:
            raise OSError("the body is not properly chunked") from broken


class ProblemWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A threaded worker that answers what never reaches the application in the application's own form."""

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Hand a request to the application."""
        if isinstance(req.body.reader, ChunkedReader):
            req.body.reader = ChunkReader(req.body.reader)
        return bool(super().handle_request(req, conn))

    def handle_error(self, req: object, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that cannot be parsed as problem+json; neither answer nor log repeats what it held."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        too_large = isinstance(exc, LimitRequestHeaders | LimitRequestLine)
        error = errors.HeadersTooLarge if too_large else errors.InvalidRequest
        request_id = str(new_id())
        self.log.warning("refused before routing: %s, request_id %s", type(exc).__name__, request_id)
        try:
            client.sendall(_problem(error, request_id))
        except OSError:
            self.log.debug("the caller had gone")


def _problem(error: type[errors.AppError], request_id: str) -> bytes:
    body = {
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.title,
        "code": error.code,
        "request_id": request_id,
    }
    content = json.dumps(body)
    head = (
        f"HTTP/1.1 {error.status} Refused",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(content)}",
        f"X-Request-ID: {request_id}",
        *(f"{name}: {value}" for name, value in headers.of_a_refusal()),
        "Connection: close",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + content).encode("ascii")


bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = ProblemWorker
workers = _settings.web_concurrency
threads = _settings.threads
# Loaded once, before the fork: a refused setting ends the master, and workers share the memory of the code.
preload_app = True
# Each worker listens for itself: kept-alive connections then spread evenly over the workers.
reuse_port = workers > 1
# Longer than the 60 s of the usual proxies, so that they never meet a connection that is just being closed.
keepalive = 65
graceful_timeout = 30
timeout = 60
control_socket_disable = True
accesslog = None
logconfig_dict = gunicorn_logconfig(_settings.log_level)
# The application answers 431 for a header over 8 KiB; up to 64 KiB the server reads on so that it can.
limit_request_field_size = 65 * 1024
limit_request_fields = 64
limit_request_line = 8190
# Who the caller is and under which scheme is for TRUSTED_PROXIES and PUBLIC_URL alone to say.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
if _SHARED_MEMORY.is_dir():
    # Heartbeats in memory: a slow disk must not look like a dead worker.
    worker_tmp_dir = str(_SHARED_MEMORY)


def on_starting(server: Arbiter) -> None:
    """Let the database speak against the settings, in the master; no connection survives into the workers.

    In development its migrations run here too: a process of their own would load all of the code a second time.
    """
    app = server.app.wsgi()
    with app.app_context():
        try:
            if _settings.app_env == "development":
                flask_migrate.upgrade()
            boot.check()
        except SettingsError as refused:
            sys.exit(f"{_REFUSED} {refused}")
        except OperationalError:
            sys.exit(f"{_REFUSED} the database of DATABASE_URL does not answer")
        finally:
            for engine in db.engines.values():
                engine.dispose()
    # What is loaded by now lives as long as the process: a collector that looked at it again in each worker would
    # only turn shared memory into private copies.
    gc.collect()
    gc.freeze()


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Give each of as many workers as cores a core that no other one has."""
    taken = {other.core for other in server.WORKERS.values()}
    worker.core = next((core for core in _CORES if core not in taken), None) if workers == len(_CORES) else None


def post_worker_init(worker: Worker) -> None:
    """Start the hashing threads, then keep the threads that serve requests on one core, and a little less urgent.

    On Linux both belong to a thread, and a thread inherits them from the one that starts it. A hash is a quarter of a
    second of pure work; without the niceness the many short turns of the requests would starve it. Only one thread of
    a worker runs Python at a time: on one core they hand over without waking another (measured: docs/benchmarks.md).
    """
    hashing.queue().warm_up()
    os.nice(_REQUESTS_NICE)
    if worker.core is not None:
        os.sched_setaffinity(0, {worker.core})


def when_ready(_server: Arbiter) -> None:
    """Say in development what to do next."""
    if _settings.app_env == "development":
        sys.stderr.write(_BANNER.format(url=_settings.public_url))
        sys.stderr.flush()


_BANNER = """
  Rowlock is ready.

    First page and docs    {url}/
    Register a client      curl -s {url}/api/v1/clients/register \\
                             -H 'Content-Type: application/json' -d '{{"client_name": "Acme"}}'
    Demo client, users     .venv/bin/flask seed
    The first operator     .venv/bin/flask operators create
    Stop                   Ctrl-C

"""
