"""How much of a request has arrived.

Only a guess about when to hand it over to a thread: what it says is for gunicorn's parser alone to read. Each byte is
looked at once, however small the pieces are in which it comes.
"""

import re
from enum import Enum

from app.web import uploads
from app.web.requests import MAX_BODY

MOST_HEAD = 80 * 1024
"""Bytes of a head that are gathered; over 16 KiB it is refused in any case."""
_MOST_CHUNKED = 2 * MAX_BODY
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*(\d{1,18})[ \t]*\r\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*\bchunked[ \t]*\r\n")
_CHUNK_SIZE = re.compile(rb"0*([0-9a-fA-F]{1,8})")
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n")


class Arrival(Enum):
    """How much there is of a request."""

    PARTIAL = "more is to come"
    WHOLE = "all of it"
    TOO_LONG = "enough to refuse it"
    BEGUN = "its head; the thread that answers reads the rest"


class Gathered:
    """What has arrived of one request."""

    def __init__(self, data: bytes = b"") -> None:
        """Begin with what is there already."""
        self.data = bytearray(data)
        self.waits_for_continue = False
        """Whether the caller sends its body only once it is told to (RFC 9110, 10.1.1)."""
        self.head_size = 0
        self._seen, self._chunked, self._length, self._chunk_at, self._is_file = 0, False, 0, 0, False

    def arrival(self) -> Arrival:
        """Return how much there is of the request."""
        if not self.head_size:
            self._find_head()
        if not self.head_size:
            return Arrival.TOO_LONG if len(self.data) > MOST_HEAD else Arrival.PARTIAL
        if self._is_file:
            return Arrival.BEGUN
        if self._chunked:
            return self._chunks()
        if self._length > MAX_BODY:
            return Arrival.TOO_LONG
        return Arrival.WHOLE if len(self.data) - self.head_size >= self._length else Arrival.PARTIAL

    def _find_head(self) -> None:
        found, self._seen = self.data.find(_HEAD_END, max(0, self._seen - 3)), len(self.data)
        if found < 0:
            return
        self.head_size = self._chunk_at = found + len(_HEAD_END)
        head = bytes(self.data[: self.head_size]).lower()
        self._chunked = _CHUNKED.search(head) is not None
        self._is_file = uploads.is_file(bytes(self.data[: self.data.find(b"\r\n") + 2]))
        length = _LENGTH.search(head)
        self._length = int(length[1]) if length else 0
        self.waits_for_continue = _EXPECTS.search(head) is not None and b" http/1.1\r\n" in head

    def _chunks(self) -> Arrival:
        """Follow the chunks to the last one and its trailers (RFC 9112, 7.1), or to where they are broken."""
        while (line_end := self.data.find(b"\r\n", self._chunk_at)) >= 0:
            size = _CHUNK_SIZE.match(self.data, self._chunk_at)
            if size is None:
                return Arrival.WHOLE
            if int(size[1], 16) == 0:
                return Arrival.WHOLE if self.data.find(_HEAD_END, line_end) >= 0 else Arrival.PARTIAL
            following = line_end + 2 + int(size[1], 16) + 2
            if following > len(self.data):
                break
            self._chunk_at = following
        return Arrival.TOO_LONG if len(self.data) - self.head_size > _MOST_CHUNKED else Arrival.PARTIAL
