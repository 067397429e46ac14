"""A relay in front of Redis that a test cuts, stops and lets through again."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

_HOST = "127.0.0.1"


class RedisRelay:
    """Passes bytes on; `url` leads through it."""

    def __init__(self, redis_url: str) -> None:
        parts = urlsplit(redis_url)
        self._target = (parts.hostname or _HOST, parts.port or 6379)
        self._listener = socket.create_server((_HOST, 0), backlog=256)
        self.url = f"redis://{_HOST}:{self._listener.getsockname()[1]}{parts.path}"
        self._flowing = threading.Event()
        self._flowing.set()
        self._is_cut = False
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection and every new one at once."""
        self._is_cut = True
        self._end_all()

    def stop(self) -> None:
        """Keep every byte back, as a Redis does that is busy for longer than anybody waits."""
        self._flowing.clear()

    def let_through(self) -> None:
        """Pass on again, what was kept back first."""
        self._is_cut = False
        self._flowing.set()

    def close(self) -> None:
        """End it."""
        self._flowing.set()
        _end(self._listener)
        self._end_all()

    def _end_all(self) -> None:
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            _end(each)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                if self._is_cut:
                    _end(ours)
                    continue
                theirs = socket.create_connection(self._target)
                self._sockets += [ours, theirs]
                for source, target in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pour, args=(source, target), daemon=True).start()

    def _pour(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                self._flowing.wait()
                target.sendall(data)
        _end(source)
        _end(target)


@contextlib.contextmanager
def redis_relay(redis_url: str) -> Iterator[RedisRelay]:
    """Run a relay for a while."""
    running = RedisRelay(redis_url)
    try:
        yield running
    finally:
        running.close()


def _end(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
