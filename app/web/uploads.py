"""Files as bodies: a route that takes one says so, and only there may a body be larger than 64 KiB.

Everywhere else a request is gathered whole before a thread gets it. A file is read by the thread that answers, after
the caller was admitted, into a temporary file: nobody without a credential fills memory or disk. A few threads of a
worker do that at once, so that however slowly files come, others are there for everything else.
"""

import contextlib
import functools
import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from app.core import errors
from app.core.settings import settings
from app.web.places import Places

View = Callable[..., Any]
WHOLE_WITHIN = 300.0
"""Seconds that a file may take to arrive."""
_PIECE = 64 * 1024
_KEPT_IN_MEMORY = 256 * 1024
_CUT_SHORT = "The body did not arrive whole."
_paths: list[re.Pattern[bytes]] = []
_places = Places("Other files are being read at this moment.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived, its media type, and the SHA-256 of its bytes."""

    file: BinaryIO
    media: str
    digest: bytes


def takes_file(*media: str) -> Callable[[View], View]:
    """Declare that a view reads its body by received(), of one of these media types."""

    def declare(view: View) -> View:
        @functools.wraps(view)
        def reading(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        reading.takes_file = media  # type: ignore[attr-defined]
        reading._apidoc = getattr(view, "_apidoc", {}) | {"file": media}  # type: ignore[attr-defined]
        return reading

    return declare


def init_app(app: Flask) -> None:
    """Note the paths on which files come, for the worker: it decides by the request line when to call a thread."""
    for rule in app.url_map.iter_rules():
        if media_of(app.view_functions[rule.endpoint]):
            parts = [re.escape(part) for part in re.split(r"<[^>]+>", rule.rule)]
            methods = "|".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            _paths.append(re.compile(f"(?:{methods}) {'[^/? ]+'.join(parts)}[? ]".encode()))


def is_file(head: bytes) -> bool:
    """Return whether a request's body is a file, by its first line."""
    return any(path.match(head) for path in _paths)


def media_of(view: View) -> tuple[str, ...]:
    """Return the media types of the files that a view takes; () where it takes none."""
    declared: tuple[str, ...] = getattr(view, "takes_file", ())
    return declared


@contextlib.contextmanager
def received(media: tuple[str, ...]) -> Iterator[Upload]:
    """Read the body of the request in hand; until the block ends, the file is there and a place for files is taken.

    Raises UnsupportedMediaType, PayloadTooLarge, InvalidRequest and, where all places are taken,
    TemporarilyUnavailable.
    """
    if request.mimetype not in media or "Content-Encoding" in request.headers:
        raise errors.UnsupportedMediaType(f"The body must be {' or '.join(media)}, not compressed.")
    most = settings().import_max_bytes
    if (request.content_length or 0) > most:
        raise _too_large(most)
    with _places.take(), tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY, dir=str(settings().instance_path)) as file:
        digest = _filled(file, most)
        file.seek(0)
        yield Upload(cast(BinaryIO, file), request.mimetype, digest)


def _filled(file: Any, most: int) -> bytes:
    """Write the body into a file; return its digest."""
    # One byte more than is taken: a chunked body is cut off there in silence.
    request.max_content_length = most + 1
    digest, size, until = hashlib.sha256(), 0, time.monotonic() + WHOLE_WITHIN
    try:
        while piece := request.stream.read(_PIECE):
            size += len(piece)
            if size > most:
                raise _too_large(most)
            if time.monotonic() > until:
                raise errors.InvalidRequest("The body takes too long to arrive.")
            digest.update(piece)
            _write(file, piece)
    except (OSError, HTTPException) as broken:
        raise errors.InvalidRequest(_CUT_SHORT) from broken
    if request.content_length not in (None, size):
        raise errors.InvalidRequest(_CUT_SHORT)
    return digest.digest()


def _write(file: Any, piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as full:
        raise errors.StorageFull() from full


def _too_large(most: int) -> errors.PayloadTooLarge:
    return errors.PayloadTooLarge(f"The body is larger than {most} bytes (IMPORT_MAX_BYTES).")
