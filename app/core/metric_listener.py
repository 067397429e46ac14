"""The listener of METRICS_BIND: a thread of gunicorn's master, where it outlives every worker, without a token."""

from wsgiref.simple_server import WSGIServer

from prometheus_client import start_http_server

from app.core import metrics

_GIVES_UP_AFTER = 5
_open: list[WSGIServer] = []


def start(address: str, port: int) -> None:
    """Serve everything counted over plain HTTP; raises OSError where nobody can listen there."""
    server, _ = start_http_server(port, address, metrics.everything)
    # A caller that asks for nothing keeps no thread.
    server.RequestHandlerClass.timeout = _GIVES_UP_AFTER  # type: ignore[attr-defined]
    _open.append(server)


def close_inherited() -> None:
    """Let go of the socket in a worker: the port is the master's alone."""
    for server in _open:
        server.socket.close()
