"""Counts SQL round trips on the wire: a relay in front of PostgreSQL that sees every statement the driver sends.

Events of SQLAlchemy would miss the BEGIN that psycopg2 sends by itself, so this counts what really travels.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

from sqlalchemy import make_url

from bench.serving import HOST

_SSL_OR_GSS = (80877103, 80877104)
_HEADER = struct.Struct("!I")


class Relay:
    """Passes connections on to PostgreSQL and keeps the statements that went through."""

    def __init__(self, database_url: str) -> None:
        target = make_url(database_url)
        self._target = (target.host or HOST, target.port or 5432)
        self._listener = socket.create_server((HOST, 0))
        self.url = target.set(host=HOST, port=self._listener.getsockname()[1]).render_as_string(hide_password=False)
        self.statements: list[str] = []
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close every connection."""
        for open_socket in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                theirs = socket.create_connection(self._target)
                self._sockets += [ours, theirs]
                threading.Thread(target=self._forward, args=(ours, theirs), daemon=True).start()
                threading.Thread(target=_pour, args=(theirs, ours), daemon=True).start()

    def _forward(self, ours: socket.socket, theirs: socket.socket) -> None:
        """Pass on what the driver sends, message by message (PostgreSQL's frontend protocol 3)."""
        with contextlib.suppress(OSError, EOFError):
            greeting = True
            while greeting:
                head = _exactly(ours, 4)
                rest = _exactly(ours, _HEADER.unpack(head)[0] - 4)
                theirs.sendall(head + rest)
                greeting = _HEADER.unpack(rest[:4])[0] in _SSL_OR_GSS
            while True:
                head = _exactly(ours, 5)
                rest = _exactly(ours, _HEADER.unpack(head[1:])[0] - 4)
                if head[:1] == b"Q":
                    self.statements.append(rest.rstrip(b"\0").decode())
                theirs.sendall(head + rest)


@contextlib.contextmanager
def relay(database_url: str) -> Iterator[Relay]:
    """Run a relay; its `url` leads through it."""
    running = Relay(database_url)
    try:
        yield running
    finally:
        running.close()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)


def _exactly(source: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = source.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data
