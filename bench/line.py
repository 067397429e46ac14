"""One request at a time, each timed by itself."""

import itertools
import socket
import time
from dataclasses import dataclass

CONNECTIONS = 8
_BUFFER = 262_144


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `seconds` until its last byte was there."""

    status: int
    body: bytes
    seconds: float


class Line:
    """A few kept-alive connections, which the kernel spreads over the workers; they take turns, one at a time."""

    def __init__(self, address: tuple[str, int]) -> None:
        """Connect to a server."""
        self._sockets = [socket.create_connection(address, timeout=30) for _ in range(CONNECTIONS)]
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._turns = itertools.cycle(self._sockets)
        self._turn = self._sockets[0]

    def __enter__(self) -> "Line":
        """Go into a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        for one in self._sockets:
            one.close()

    def ask(self, asked: bytes) -> Answer:
        """Return the answer to a request, sent on the next connection."""
        self._turn = next(self._turns)
        return self.ask_again(asked)

    def ask_again(self, asked: bytes) -> Answer:
        """Return the answer to a request, sent on the same connection, and so to the same worker, as the last one."""
        sock = self._turn
        began = time.perf_counter()
        sock.sendall(asked)
        data = sock.recv(_BUFFER)
        while (head := data.find(b"\r\n\r\n")) < 0 or len(data) < head + 4 + _length(data[:head]):
            part = sock.recv(_BUFFER)
            if not part:
                raise RuntimeError(f"the server hung up after {data[:300]!r}")
            data += part
        return Answer(int(data[9:12]), data[head + 4 :], time.perf_counter() - began)


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"Content-Length: ")
    return int(rest.split(b"\r", 1)[0]) if found else 0
