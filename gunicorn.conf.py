"""How gunicorn serves Rowlock; the figures come from the settings."""

import os
import sys
from pathlib import Path
from typing import Any

from app.core.logs import gunicorn_logconfig
from app.core.settings import Settings, SettingsError

try:
    _settings = Settings.from_environment()
except SettingsError as refused:
    sys.exit(f"Rowlock does not start: {refused}")

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_concurrency
threads = _settings.threads
# Each worker listens for itself: kept-alive connections then spread evenly over the workers.
reuse_port = workers > 1
keepalive = 30
graceful_timeout = 30
timeout = 60
control_socket_disable = True
accesslog = None
logconfig_dict = gunicorn_logconfig(_settings.log_level)
# The application answers 431 for more than 8 KiB; the server only bounds what it must read for that.
limit_request_field_size = 64 * 1024
limit_request_line = 8190
if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeats in memory; a slow disk must not look like a dead worker
    worker_tmp_dir = "/dev/shm"  # noqa: S108

_REQUESTS_NICE = 4


def post_worker_init(worker: Any) -> None:
    """Start the hashing threads, then make the threads that serve requests a little less urgent.

    A hash runs for a quarter of a second; were it as eager as the requests, the requests' many short turns would
    starve it (and the other way round without the waiting room). Threads inherit the value of the one that starts them.
    """
    from app.users import hashing  # the application is loaded by now, in this worker

    hashing.queue().warm_up()
    os.nice(_REQUESTS_NICE)


def when_ready(server: Any) -> None:
    """Say in development what to do next."""
    if _settings.app_env != "development":
        return
    url = _settings.public_url
    print(  # noqa: T201 - for the person at the terminal
        f"""
  Rowlock is ready.

    First page and docs     {url}/        (errors: {url}/docs/errors)
    Register a client       curl -s {url}/api/v1/clients/register \\
                              -H 'Content-Type: application/json' -d '{{"client_name": "Acme Ltd"}}'
    Demo client with users  .venv/bin/flask seed
    The first operator      .venv/bin/flask operators create
    Stop                    Ctrl-C
""",
        file=sys.stderr,
        flush=True,
    )
