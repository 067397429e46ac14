"""Counts round trips on the wire: relays in front of PostgreSQL and Redis that see what the drivers send.

Events of SQLAlchemy would miss the BEGIN that psycopg2 sends by itself, so this counts what really travels.
"""

import contextlib
import socket
import struct
import threading
from urllib.parse import urlsplit

from sqlalchemy import make_url

from bench.serving import HOST

_SSL_OR_GSS = (80877103, 80877104)
_HEADER = struct.Struct("!I")


class Relay:
    """Passes connections on to a server and keeps what went through, a text per round trip."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on a free port."""
        self._target = (host, port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.trips: list[str] = []
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close every connection."""
        for open_socket in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()

    def speak(self, ours: socket.socket, theirs: socket.socket) -> None:
        """Pass on what the driver sends, message by message, until the connection ends."""
        raise NotImplementedError

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                theirs = socket.create_connection(self._target)
                for end in (ours, theirs):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets += [ours, theirs]
                threading.Thread(target=self._forward, args=(ours, theirs), daemon=True).start()
                threading.Thread(target=_pour, args=(theirs, ours), daemon=True).start()

    def _forward(self, ours: socket.socket, theirs: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            self.speak(ours, theirs)


class PostgresRelay(Relay):
    """Speaks PostgreSQL's frontend protocol 3; a simple query is a round trip."""

    def __init__(self, database_url: str) -> None:
        """Stand before the server of a URL; `url` leads through the relay."""
        target = make_url(database_url)
        super().__init__(target.host or HOST, target.port or 5432)
        self.url = target.set(host=HOST, port=self.port).render_as_string(hide_password=False)

    def speak(self, ours: socket.socket, theirs: socket.socket) -> None:
        """Pass on the greeting, then messages of a letter, a length and a text."""
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
                self.trips.append(rest.rstrip(b"\0").decode())
            theirs.sendall(head + rest)


class RedisRelay(Relay):
    """Speaks Redis's protocol (RESP); commands that are sent together, as a pipeline, are one round trip."""

    def __init__(self, redis_url: str) -> None:
        """Stand before the server of a URL; `url` leads through the relay."""
        target = urlsplit(redis_url)
        super().__init__(target.hostname or HOST, target.port or 6379)
        user, at, _ = target.netloc.rpartition("@")
        self.url = target._replace(netloc=f"{user}{at}{HOST}:{self.port}").geturl()

    def speak(self, ours: socket.socket, theirs: socket.socket) -> None:
        """Pass on commands; a trip ends where nothing is left of what has arrived."""
        data, commands = b"", list[str]()
        while part := ours.recv(65_536):
            data += part
            while (read := _command(data)) is not None:
                name, length = read
                theirs.sendall(data[:length])
                data = data[length:]
                commands.append(name)
            if not data:
                self.trips.append(" + ".join(commands))
                commands.clear()


def _command(data: bytes) -> tuple[str, int] | None:
    """Return the name of the first command (`*2 $3 GET $1 a`, each on a line) and its length; None if in part."""
    count, place = _number(data, 0)
    words: list[bytes] = []
    while place and len(words) < count:
        length, place = _number(data, place)
        if not place or len(data) < place + length + 2:
            return None
        words.append(data[place : place + length])
        place += length + 2
    return (words[0].decode().upper(), place) if place else None


def _number(data: bytes, start: int) -> tuple[int, int]:
    """Return the number of a line such as `*2`, and where the next line begins (0 if it has not arrived)."""
    end = data.find(b"\r\n", start)
    return (int(data[start + 1 : end]), end + 2) if end > 0 else (0, 0)


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
