"""How gunicorn serves Rowlock; the figures come from the settings (`app.core.settings`)."""

import gc
import os
import resource
import sys
import tempfile
from pathlib import Path

# Workers count in files of one folder, an operator's or our own in memory. prometheus-client looks for it when it is
# first imported, so this comes before anything of the application.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(
    prefix="rowlock-metrics-",
    dir="/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - a folder, not a file of a known name
)

import flask_migrate
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from sqlalchemy.exc import OperationalError

from app.core import background, chores, metric_files, metric_listener
from app.core.logs import gunicorn_logconfig
from app.core.settings import Settings, SettingsError
from app.extensions import db
from app.mail.sender import Sender
from app.onboarding import boot
from app.users import hashing
from app.web import docs
from app.web.worker import RequestWorker

_REFUSED = "Rowlock does not start:"
_REQUESTS_NICE = 4
_MAIL_SECONDS = _CHORE_SECONDS = 5
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
_OPEN_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the place itself, not a file of ours in it

try:
    metric_files.prepare()
except OSError as refused:
    sys.exit(f"{_REFUSED} PROMETHEUS_MULTIPROC_DIR is no folder that can be written to: {refused.strerror}")
try:
    _settings = Settings.from_environment()
except SettingsError as refused:
    sys.exit(f"{_REFUSED} {refused}")


bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = RequestWorker
workers = _settings.web_concurrency
threads = _settings.threads
# Each may hold 200 KiB of an unfinished request; beyond, the one that has waited for longest is closed. The files that
# are left are for the connections to the database.
worker_connections = max(64 + threads, min(512, _OPEN_FILES - 128 - 8 * threads))
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
    if server.cfg.is_ssl:
        sys.exit(f"{_REFUSED} certfile and keyfile are for the proxy in front, which ends TLS")
    app = server.app.wsgi()
    with app.app_context():
        try:
            if _settings.app_env == "development":
                flask_migrate.upgrade()
            boot.check()
            boot.note_redis()
            boot.note_room()
            docs.document_of(app)  # made once for all workers
        except SettingsError as refused:
            sys.exit(f"{_REFUSED} {refused}")
        except OperationalError:
            sys.exit(f"{_REFUSED} the database of DATABASE_URL does not answer")
        finally:
            for engine in db.engines.values():
                engine.dispose()
    if not server.master_pid:  # else the master that this one is to replace still counts
        metric_files.clear()
    _serve_metrics()
    # What is loaded by now lives as long as the process: a collector that looked at it again in each worker would
    # only turn shared memory into private copies.
    gc.collect()
    gc.freeze()


def _serve_metrics() -> None:
    """Listen on METRICS_BIND; the master does it, which outlives every worker."""
    if _settings.metrics_bind is None:
        return
    try:
        metric_listener.start(*_settings.metrics_bind)
    except OSError as wrong:
        sys.exit(f"{_REFUSED} METRICS_BIND cannot be listened on: {wrong.strerror}")


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Give each worker, where there are no more than cores, a core that no other one has.

    Which comes first differs from server to server, for several may share a machine.
    """
    taken = {other.core for other in server.WORKERS.values()}
    turned = _CORES[server.pid % len(_CORES) :] + _CORES[: server.pid % len(_CORES)] if _CORES else []
    worker.core = next((core for core in turned if core not in taken), None) if workers <= len(_CORES) else None


def post_fork(_server: Arbiter, _worker: Worker) -> None:
    """Leave the master's listener to the master."""
    metric_listener.close_inherited()


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Keep what a worker has counted, however it ended."""
    metric_files.fold(worker.pid)


def post_worker_init(worker: Worker) -> None:
    """Start the hashing threads, then keep the others, those of requests above all, on one core, and less urgent.

    On Linux both belong to a thread, and a thread inherits them from the one that starts it. A hash is a quarter of a
    second of pure work; without the niceness the many short turns of the requests would starve it. Only one thread of
    a worker runs Python at a time: on one core they hand over without waking another (measured: docs/benchmarks.md).
    """
    hashing.queue().warm_up()
    os.nice(_REQUESTS_NICE)
    if worker.core is not None:
        os.sched_setaffinity(0, {worker.core})
    if _settings.mail_worker == "thread":
        worker.mail_sender = Sender(worker.app.wsgi())
        worker.mail_sender.start()
        worker.chores = chores.Runner(worker.app.wsgi())
        worker.chores.start()


def worker_exit(_server: Arbiter, worker: Worker) -> None:
    """Write what a worker still holds when it has answered its last request; let it finish what is at hand."""
    # There are none if the worker ends before it has begun.
    runner, sender = getattr(worker, "chores", None), getattr(worker, "mail_sender", None)
    if runner is not None:
        runner.ask_to_stop()
    if sender is not None:
        sender.stop(seconds=_MAIL_SECONDS)
    if runner is not None:
        runner.stop(seconds=_CHORE_SECONDS)
    background.finish()


def when_ready(_server: Arbiter) -> None:
    """Say in development what to do next."""
    if _settings.app_env == "development":
        mails = "" if _settings.mail_url else _MAILS.format(folder=_settings.instance_path / "outbox")
        sys.stderr.write(_BANNER.format(url=_settings.public_url, mails=mails))
        sys.stderr.flush()


_BANNER = """
  Rowlock is ready.

    First page and docs    {url}/
    Console                {url}/console
    Register a client      curl -s {url}/api/v1/clients/register \\
                             -H 'Content-Type: application/json' -d '{{"client_name": "Acme"}}'
    Demo client, users     APP_ENV=development .venv/bin/flask seed
    The first operator     APP_ENV=development .venv/bin/flask operators create
      logs in at           {url}/console/login?client=platform
{mails}    Stop                   Ctrl-C

"""
_MAILS = "    Mails are written to   {folder} (MAIL_URL is not set)\n"
