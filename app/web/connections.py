"""What the worker's connections are: the request that gathers on each, and how its body is read by the application.

A small body has arrived with its request. A file (app.web.uploads) goes on coming, and is read by the thread that
answers.
"""

import contextlib
from typing import Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn

from app.web.arrival import Gathered

WHOLE_WITHIN = 10.0
"""Seconds that a request may take to arrive, and an unused connection may stay."""
UNREAD_AFTER = 20.0
"""Seconds after which a thread gives up on a client that does not read its answer."""
_AT_ONCE = 64 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


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


class GatheredReader(Unreader):  # type: ignore[misc]  # gunicorn ships no types
    """Gives the parser what was gathered and then ends: no thread ever waits for a caller to send.

    Only the rest of a file (app.web.uploads) is read from the connection, by the thread that answers.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.sender: Connection | None = None

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return b"", as a connection does that the other side has closed; of a file, what comes next."""
        if self.sender is None:
            return b""
        self.sender.encourage()
        self.sender.sock.settimeout(WHOLE_WITHIN)
        try:
            return bytes(self.sender.sock.recv(min(size_hint or _AT_ONCE, _AT_ONCE)))
        finally:
            self.sender.sock.settimeout(UNREAD_AFTER)


class Connection(TConn):  # type: ignore[misc]  # gunicorn ships no types
    """A connection with what has arrived of its next request."""

    def __init__(self, *arguments: Any) -> None:
        """Begin with nothing."""
        super().__init__(*arguments)
        self.gathered, self.ended, self.cut_short, self.forgotten = Gathered(), False, False, 0
        self.begun, self.waits_for_continue = False, False

    def hand_over(self) -> None:
        """Give what was gathered to the parser."""
        if not self.initialized:
            self.init()
            self.parser.unreader = GatheredReader()
        self.data_ready = True
        self.parser.unreader.sender = self if self.begun else None
        self.parser.unreader.unread(bytes(self.gathered.data))
        self.gathered = Gathered()

    def received(self) -> bytes | None:
        """Return what has arrived, None if nothing has, b"" at the end."""
        try:
            return bytes(self.sock.recv(_AT_ONCE))
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def encourage(self) -> None:
        """Send the `100 Continue` for which a caller waits before it sends its body."""
        if self.waits_for_continue:
            self.waits_for_continue = self.gathered.waits_for_continue = False
            with contextlib.suppress(OSError):
                self.sock.send(_CONTINUE)
