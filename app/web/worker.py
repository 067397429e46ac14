"""The gunicorn worker: its main thread collects requests, its other threads only ever get whole ones.

gunicorn's own threaded worker gives a connection to a thread at its first byte, so that a few clients who never finish
what they began (or open connections ahead of need, as browsers do) hold every thread. Here they cost a socket, for ten
seconds at most, and `/healthz` answers meanwhile.
"""

import contextlib
import json
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from app.core import errors
from app.core.ids import new_id
from app.web import headers
from app.web.arrival import Arrival, Gathered
from app.web.connections import UNREAD_AFTER, WHOLE_WITHIN, ChunkReader, Connection

_GONE_WITHIN = 2.0
"""Seconds that a caller has to read its last answer and close."""
_MOST_FORGOTTEN = 128 * 1024


class RequestWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A threaded worker for whole requests; what never reaches the application is answered in its form."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Begin with nobody to see out."""
        super().__init__(*arguments, **options)
        self.leaving: deque[Connection] = deque()

    def accept(self, listener: socket.socket) -> None:
        """Take a connection and begin to gather its request."""
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            client, address = listener.accept()
            self.nr_conns += 1
            self._gather(Connection(self.cfg, client, address, listener.getsockname()))
            if self.nr_conns >= self.worker_connections:
                self._make_room()

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Begin to gather the next request of a kept-alive connection."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """Keep a connection for its next request, or see it out."""
        if fs.cancelled() or fs.exception() is not None or not fs.result():
            self._see_out(conn)
        elif conn.parser.unreader.buf.tell():
            conn.sock.setblocking(False)
            conn.gathered = Gathered(conn.parser.unreader.take_buffered())
            self._gather(conn)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close connections whose time is up; a worker that stops waits for no request that has not begun."""
        for queue in (self.pending_conns, self.leaving):
            while queue and queue[0].timeout <= time.monotonic():
                self._give_up(queue[0], queue)
        for conn in [] if self.alive else [conn for conn in self.pending_conns if not conn.gathered.data]:
            self._give_up(conn, self.pending_conns)

    def _make_room(self) -> None:
        """Close the connection that has waited for longest, so that a new caller always finds a place."""
        for queue in (self.leaving, self.pending_conns, self.keepalived_conns):
            if queue:
                self._give_up(queue[0], queue)
                return

    def _gather(self, conn: Connection) -> None:
        """Read what is there; a whole request goes to a thread, for the rest of another the poller waits."""
        if self._has_come(conn):
            self._take_on(conn)
        else:
            self._wait(conn, self.pending_conns, WHOLE_WITHIN, self._on_more)

    def _wait(
        self,
        conn: Connection,
        queue: deque[Connection],
        seconds: float,
        callback: Callable[[Connection, socket.socket], None],
    ) -> None:
        """Call back when more arrives; all of a queue wait equally long, so that the first is the next to give up."""
        conn.timeout = time.monotonic() + seconds
        queue.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(callback, conn))

    def _on_more(self, conn: Connection, client: socket.socket) -> None:
        if self._has_come(conn):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._take_on(conn)

    def _has_come(self, conn: Connection) -> bool:
        """Read what is there; return whether no more is to be waited for."""
        part = conn.received()
        conn.ended = part == b""
        conn.gathered.data += part or b""
        arrival = conn.gathered.arrival()
        conn.cut_short, conn.begun = arrival is not Arrival.WHOLE, arrival is Arrival.BEGUN
        conn.waits_for_continue = conn.gathered.waits_for_continue
        if conn.ended or arrival is not Arrival.PARTIAL:
            return True
        conn.encourage()
        return False

    def _take_on(self, conn: Connection) -> None:
        """Give a request to a thread; where there is none, end the connection."""
        if conn.gathered.head_size:
            conn.hand_over()
            self.enqueue_req(conn)
        elif conn.ended:
            self._drop(conn)
        else:
            self._refuse(conn.sock, errors.HeadersTooLarge, "a head without an end")
            self._see_out(conn)

    def _see_out(self, conn: Connection) -> None:
        """Say that no more comes from us, and close when the caller has read the answer (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.gathered = Gathered()
        conn.sock.setblocking(False)
        self._wait(conn, self.leaving, _GONE_WITHIN, self._on_rest)

    def _on_rest(self, conn: Connection, client: socket.socket) -> None:
        """Read and forget what a caller still sends."""
        part = conn.received()
        conn.forgotten += len(part or b"")
        if part == b"" or conn.forgotten > _MOST_FORGOTTEN:
            self._give_up(conn, self.leaving)

    def _give_up(self, conn: Connection, queue: deque[Connection]) -> None:
        """Close a connection that waits; whoever was in the middle of a request is told why."""
        self.poller.unregister(conn.sock)
        queue.remove(conn)
        if conn.gathered.data:
            with contextlib.suppress(OSError):
                conn.sock.send(_answer("408 Request Timeout", b"", []))
        self._drop(conn)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Hand a request to the application."""
        if isinstance(req.body.reader, ChunkedReader):
            req.body.reader = ChunkReader(req.body.reader)
        if conn.cut_short:
            req.force_close()
        req._expected_100_continue = False  # whoever waited for it has been told
        conn.sock.settimeout(UNREAD_AFTER)
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError:
            self.log.warning("a caller did not read its answer within %d s", UNREAD_AFTER)
            return False

    def handle_error(self, req: object, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that cannot be parsed as problem+json; neither answer nor log repeats what it held."""
        with contextlib.suppress(OSError):
            client.settimeout(UNREAD_AFTER)
        if isinstance(exc, ParseException):
            too_large = isinstance(exc, LimitRequestHeaders | LimitRequestLine)
            self._refuse(client, errors.HeadersTooLarge if too_large else errors.InvalidRequest, type(exc).__name__)
            return
        self.log.error("fault outside the application", exc_info=exc)
        self._refuse(client, errors.InternalError, type(exc).__name__)

    def _refuse(self, client: socket.socket, error: type[errors.AppError], reason: str) -> None:
        request_id = str(new_id())
        self.log.warning("refused before routing: %s, request_id %s", reason, request_id)
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
    own = [("Content-Type", "application/problem+json"), ("X-Request-ID", request_id)]
    return _answer(f"{error.status} Refused", json.dumps(body).encode("ascii"), own)


def _answer(status: str, content: bytes, own: list[tuple[str, str]]) -> bytes:
    pairs = [*own, ("Content-Length", str(len(content))), *headers.of_a_refusal(), ("Connection", "close")]
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in pairs), "", ""]
    return "\r\n".join(lines).encode("ascii") + content
