"""A lean load generator: one epoll loop over kept-alive connections, each with one request under way at a time.

It speaks only the HTTP that our servers speak (Content-Length, no chunks) and sends bytes made beforehand, so that on
a small machine it takes little from the server it measures. What it takes is measured too.
"""

import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

WARM_UP = 0.7
_BUFFER = 65_536
_MOST_REST = 1.0
_PATIENCE = 20.0


@dataclass(slots=True)
class Stream:
    """One connection: `next_request` gives the bytes to send, `on_answer` sees the body of a 200."""

    label: str
    next_request: Callable[[], bytes]
    on_answer: Callable[[bytes], None] | None = None
    sock: socket.socket = field(init=False)
    received: bytes = b""
    resume_at: float = 0.0
    busy: bool = False

    def connect(self, address: tuple[str, int]) -> None:
        """Open the connection."""
        self.sock = socket.create_connection(address, timeout=_PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received, self.busy = b"", False

    def send(self) -> None:
        """Send the next request."""
        self.sock.sendall(self.next_request())
        self.busy = True


@dataclass(frozen=True, slots=True)
class Window:
    """What came back within a window: answers by label and status, and the generator's own share of one core."""

    seconds: float
    answers: dict[str, Counter[int]]
    own_cpu: float

    def rate(self, label: str) -> float:
        """Return the answers 200 per second of a label."""
        return self.answers[label][200] / self.seconds

    def refused(self) -> int:
        """Return how many were told to come back (503)."""
        return sum(counts[503] for counts in self.answers.values())

    def unexpected(self) -> Counter[int]:
        """Return the answers that are neither 200 nor 503."""
        total: Counter[int] = sum(self.answers.values(), Counter())
        return Counter({status: count for status, count in total.items() if status not in (200, 503)})


def request(method: str, path: str, *, credential: str = "", body: bytes = b"", headers: tuple[str, ...] = ()) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    lines += [f"Authorization: Bearer {credential}"] if credential else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(address: tuple[str, int], streams: list[Stream], seconds: float) -> Window:
    """Keep every stream busy; count what arrives within `seconds` after the warm-up, then let the rest finish."""
    return _Run(address, streams).measure(seconds)


def one(address: tuple[str, int], stream: Stream) -> None:
    """Send a single request and take its answer; raises RuntimeError unless it is 200."""
    window = _Run(address, [stream]).measure_one()
    if window != {200: 1}:
        raise RuntimeError(f"{stream.label}: {dict(window)}")


class _Run:
    def __init__(self, address: tuple[str, int], streams: list[Stream]) -> None:
        self._address, self._streams = address, streams
        self._epoll = select.epoll()
        self._by_descriptor: dict[int, Stream] = {}
        self._resting: list[Stream] = []
        self._counts = self._fresh_counts()

    def measure(self, seconds: float) -> Window:
        try:
            for stream in self._streams:
                self._open(stream)
                stream.send()
            self._go_on(WARM_UP)
            self._counts, began, cpu = self._fresh_counts(), time.perf_counter(), time.process_time()
            self._go_on(seconds)
            took, used = time.perf_counter() - began, time.process_time() - cpu
            window = Window(took, self._counts, used / took)
            self._counts = self._fresh_counts()
            self._drain()
        finally:
            self._epoll.close()
            for stream in self._by_descriptor.values():
                stream.sock.close()
        return window

    def measure_one(self) -> Counter[int]:
        stream = self._streams[0]
        try:
            self._open(stream)
            stream.send()
            self._drain()
        finally:
            self._epoll.close()
            stream.sock.close()
        return self._counts[stream.label]

    def _fresh_counts(self) -> dict[str, Counter[int]]:
        return {stream.label: Counter() for stream in self._streams}

    def _open(self, stream: Stream) -> None:
        stream.connect(self._address)
        self._by_descriptor[stream.sock.fileno()] = stream
        self._epoll.register(stream.sock.fileno(), select.EPOLLIN)

    def _go_on(self, seconds: float) -> None:
        ends = time.perf_counter() + seconds
        poll, streams, answered = self._epoll.poll, self._by_descriptor, self._answered
        while (now := time.perf_counter()) < ends:
            if self._resting:
                self._wake(now)
            for descriptor, _ in poll(0.02 if self._resting else min(0.5, ends - now)):
                stream = streams[descriptor]
                status = answered(stream)
                if status == 503:
                    self._resting.append(stream)
                elif status:
                    stream.send()

    def _wake(self, now: float) -> None:
        for stream in [stream for stream in self._resting if stream.resume_at <= now]:
            self._resting.remove(stream)
            stream.send()

    def _drain(self) -> None:
        deadline = time.perf_counter() + _PATIENCE
        while any(stream.busy for stream in self._streams) and time.perf_counter() < deadline:
            for descriptor, _ in self._epoll.poll(0.5):
                self._answered(self._by_descriptor[descriptor])

    def _answered(self, stream: Stream) -> int:
        """Return the status once the whole answer is there, else 0."""
        part = stream.sock.recv(_BUFFER)
        if not part:
            return self._reopened(stream)
        data = stream.received + part if stream.received else part
        head = data.find(b"\r\n\r\n")
        start = data.find(b"Content-Length: ", 0, head) + 16
        if head < 0 or len(data) < head + 4 + (int(data[start : data.index(b"\r", start)]) if start > 15 else 0):
            stream.received = data
            return 0
        stream.received, stream.busy = b"", False
        status = int(data[9:12])
        self._counts[stream.label][status] += 1
        if status == 200 and stream.on_answer is not None:
            stream.on_answer(data[head + 4 :])
        elif status == 503:
            stream.resume_at = time.perf_counter() + _rest(data[:head])
        return status

    def _reopened(self, stream: Stream) -> int:
        """Count a connection that the server closed as status 0, and open another."""
        self._epoll.unregister(stream.sock.fileno())
        del self._by_descriptor[stream.sock.fileno()]
        stream.sock.close()
        self._counts[stream.label][0] += 1
        again = stream.busy
        self._open(stream)
        if again:
            stream.send()
        return 0


def _rest(head: bytes) -> float:
    """Return the seconds that a 503 asks for, at most one."""
    _, found, rest = head.partition(b"Retry-After: ")
    return min(_MOST_REST, float(rest.split(b"\r", 1)[0])) if found else _MOST_REST
